using System.Text.Json;
using Lcnn.Distributed.EndToEndTests.Data;

namespace Lcnn.Distributed.EndToEndTests.LongRuns;

public sealed class FashionMnistTests
{
    [Fact]
    public async Task Train_LcnnAndStandardNetwork_AreAsAccurateAndFarApartInCurvature()
    {
        TestTier.SkipUnlessLong();
        FashionMnist.SkipIfMissing();
        using var folder = new TemporaryFolder();

        var lcnn = await TrainAsync("resnet8-lcnn", folder);
        var standard = await TrainAsync("resnet8", folder);

        TestContext.Current.TestOutputHelper?.WriteLine($"{lcnn}\n{standard}");
        Assert.True(lcnn.Number("testAccuracy") >= 0.885, $"{lcnn}");
        Assert.InRange(lcnn.Number("testAccuracy") - standard.Number("testAccuracy"), -0.02, 0.02);
        Assert.True(standard.Number("curvature") >= 5 * lcnn.Number("curvature"), $"{lcnn}\n{standard}");
    }

    private static Task<JsonElement> TrainAsync(string architecture, TemporaryFolder folder) => RunEvents.TrainAsync(
        "--dataset", "fashion-mnist", "--arch", architecture, "--epochs", "5", "--workers", "2", "--out", folder[architecture]);
}
