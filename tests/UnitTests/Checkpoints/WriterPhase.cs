namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>What a <see cref="CrashingWriter"/> is doing.</summary>
internal enum WriterPhase : byte
{
    Idle = 0,
    Model = 1,
    Optimizer = 2,
    State = 3,
    Folder = 4,
    Latest = 5,
    Pruning = 6,
}
