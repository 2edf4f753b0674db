namespace Lcnn.Distributed.Model.Networks;

/// <summary>A layer does not fit what comes out of the one before it.</summary>
/// <param name="network">The network's name.</param>
/// <param name="path">Its place in the network, such as "3.1".</param>
/// <param name="where">Its place in the description, such as "layers[3].bottleneck".</param>
/// <param name="problem">Expected, got, what to do.</param>
public sealed class NetworkShapeException(string network, string path, string where, string problem) : ArgumentException($"{network}: layer {path} ({where}): {problem}")
{
    /// <summary>Its place in the description.</summary>
    public string Where { get; } = where;

    /// <summary>Its place in the network.</summary>
    public string Path { get; } = path;

    /// <summary>The message without the network and the layer.</summary>
    public string Problem { get; } = problem;

    /// <summary>The same, with what would help.</summary>
    internal NetworkShapeException But(string remedy) => new(network, Path, Where, $"{Problem}; {remedy}");
}
