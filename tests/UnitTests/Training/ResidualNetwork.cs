using System.Globalization;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>The authors' residual networks in sizes that no name has.</summary>
internal static class ResidualNetwork
{
    public static Network Build(ImageShape input, int classes, IReadOnlyList<int> widths, IReadOnlyList<int> blocks) => Architectures.Build(
        NetworkCatalog.Residual("small", NetworkStyles.LowCurvature, new Dictionary<string, long>(), [.. widths.Zip(blocks, (width, count) => (Text(width), Text(count)))]),
        new Dictionary<string, long>(), input, classes);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
