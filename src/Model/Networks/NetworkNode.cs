namespace Lcnn.Distributed.Model.Networks;

/// <summary>A node in its place.</summary>
/// <param name="Node">What it computes.</param>
/// <param name="Layers">The layers that it is the first to use, by index.</param>
internal sealed record NetworkNode(INode Node, Range Layers);
