namespace Lcnn.Distributed.Networks;

/// <summary>Something wrong with a network's description.</summary>
/// <param name="Path">Where in it, such as "layers[2].conv.kernel"; empty for the whole.</param>
/// <param name="Message">Expected, got, what to do.</param>
public sealed record NetworkProblem(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => Path.Length > 0 ? $"{Path}: {Message}" : Message;
}
