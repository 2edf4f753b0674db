namespace Lcnn.Distributed.Model.Networks;

/// <summary>A node in its place: its input is the weighted sum of its sources.</summary>
/// <param name="Node">What it computes.</param>
/// <param name="Sources">In order; the first has factor 1.</param>
/// <param name="Layers">The layers that it is the first to use, by index.</param>
internal sealed record NetworkNode(INode Node, IReadOnlyList<Source> Sources, Range Layers);

/// <summary>Where an input comes from.</summary>
/// <param name="Value">0 for the images, n + 1 for the output of node n.</param>
internal readonly record struct Source(int Value, double Factor = 1);
