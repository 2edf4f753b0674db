using Lcnn.Distributed.Cli.Services;

namespace Lcnn.Distributed.Cli.Comparisons;

/// <summary>What is inside one network of each method.</summary>
/// <param name="Images">Test images, the same for all.</param>
/// <param name="Models">Of the first seed that was trained to its end; methods without one are missing.</param>
internal sealed record ComparisonInsight(IReadOnlyList<InspectedImage> Images, IReadOnlyList<(string Method, InspectedModel Model)> Models)
{
    /// <summary>The network of a method; null where it has none.</summary>
    public InspectedModel? Of(string method) => Models.FirstOrDefault(one => one.Method == method).Model;
}
