using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Model.Certificates;

namespace Lcnn.Distributed.UnitTests.Certificates;

public sealed class CertifiedRadiusTests
{
    [Fact]
    public void OfCurvature_AQuadraticMargin_IsWhereItIsUsedUp()
    {
        // f(t) = 2 - 3 t - t^2 / 2 along the worst way has g = 3, M = 1 and its root at sqrt(13) - 3.
        Assert.Equal(Math.Sqrt(13) - 3, CertifiedRadius.OfCurvature(2, 3, 1), 1e-12);
        Assert.Equal(2.0 / 3, CertifiedRadius.OfCurvature(2, 3, 0), 1e-12);
        Assert.Equal(3, CertifiedRadius.OfCurvature(4.5, 0, 1), 1e-12);
    }

    [Fact]
    public void OfCurvature_BoundIsMissingOrMarginLost_CertifiesNothing()
    {
        Assert.Equal(0, CertifiedRadius.OfCurvature(2, 3, double.PositiveInfinity));
        Assert.Equal(0, CertifiedRadius.OfCurvature(-1, 3, 1));
        Assert.Equal(0, CertifiedRadius.OfLipschitz(0, 0));
        Assert.Equal(double.PositiveInfinity, CertifiedRadius.OfLipschitz(1, 0)); // it never changes
    }

    [Fact]
    public void OfCertainAttack_AQuadraticMargin_IsWhereTheMostFavourableIsUsedUp()
    {
        // f(t) = 2 - 3 t + t^2 / 2 has its root at 3 - sqrt(5); with M = 3 it need not have one.
        Assert.Equal(3 - Math.Sqrt(5), CertifiedRadius.OfCertainAttack(2, 3, 1), 1e-12);
        Assert.Equal(double.PositiveInfinity, CertifiedRadius.OfCertainAttack(2, 3, 3));
        Assert.Equal(0, CertifiedRadius.OfCertainAttack(-1, 3, 1));
    }

    [Fact]
    public void Curve_SomeRadii_CountsWhatIsCorrectAndFarEnough()
    {
        var samples = new[] { At(0.1), At(0.3), At(0) with { IsCorrect = false }, At(0.2) };

        Assert.Equal([0.75, 0.5, 0.25, 0], CertificateSummary.Curve(samples, [0, 0.15, 0.3, 0.31]).Select(point => point.Accuracy));
        Assert.Equal(double.NaN, CertificateSummary.Curve([], [0.1])[0].Accuracy);
    }

    private static SampleCertificate At(double radius) => new(IsCorrect: true, radius, radius, radius, double.PositiveInfinity, 1, 1);
}
