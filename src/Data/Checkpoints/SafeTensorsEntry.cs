namespace Lcnn.Distributed.Data.Checkpoints;

/// <summary>One tensor as the header describes it; size, shape and offsets agree with each other.</summary>
internal readonly record struct SafeTensorsEntry(string Name, ElementType DType, long[] Shape, long Begin, long End);
