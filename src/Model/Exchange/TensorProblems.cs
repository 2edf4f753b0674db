using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.Model.Exchange;

/// <summary>Tensors that do not fit a network: all of them in one error.</summary>
internal static class TensorProblems
{
    private const int Shown = 20;

    /// <exception cref="CheckpointException">There are problems.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> problems, string source, string network)
    {
        if (problems.Count > 0)
        {
            throw new CheckpointException(
                source, $"does not fit {network}", "its keys and shapes, no more and no fewer",
                string.Join("; ", problems.Take(Shown)) + (problems.Count > Shown ? $"; and {problems.Count - Shown} more" : ""),
                "It is of another architecture, input size (--image) or number of classes; say which with --arch.");
        }
    }
}
