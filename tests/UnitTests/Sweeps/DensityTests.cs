using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Grains.Sweeps;

namespace Lcnn.Distributed.UnitTests.Sweeps;

/// <summary>The densities of the TPE sampler against numbers worked out by hand or by plain integration.</summary>
public sealed class DensityTests
{
    // Numerical Recipes' error function promises 1.2e-7.
    private const double Rounding = 2e-7;

    [Theory]
    [InlineData(-1, 1, 0.6826894921370859)]
    [InlineData(0, 2, 0.4772498680518208)]
    [InlineData(-3, -2, 0.02140023391654910)]
    [InlineData(2, 3, 0.02140023391654910)]
    [InlineData(6, 7, 9.85307832493812e-10)]
    [InlineData(-7, -6, 9.85307832493812e-10)]
    public void NormalMass_InTheMiddleAndInBothTails_IsTheTabledOne(double from, double to, double expected) =>
        Assert.Equal(expected, Normal.Mass(from, to), 2 * Rounding * expected);

    [Fact]
    public void Parzen_ThreeTrials_IsANormalAroundEachAsWideAsTheFartherNeighbourAndAWideOne()
    {
        var density = new ParzenEstimator(ParameterAxis.Of(ParameterSpec.Between("weightDecay", 0, 100)), [10, 30, 90]);

        // Smallest width 100 / (1 + 4); the prior stands at 50.
        (double Mean, double Deviation)[] kernels = [(10, 20), (30, 20), (90, 40), (50, 100)];
        Assert.All([0.0, 10, 42, 99], at => Assert.Equal(kernels.Average(kernel => Kernel(kernel.Mean, kernel.Deviation, at)), density.At(at), 1e-6 * density.At(at)));
        Assert.Equal(1, Integral(density.At), 1e-6);
    }

    [Fact]
    public void Parzen_WholeNumbers_HasTheMassOfEachOnesCell()
    {
        var axis = ParameterAxis.Of(ParameterSpec.WholeBetween("seed", 1, 4));
        var density = new ParzenEstimator(axis, [2, 2, 2]);

        Assert.Equal((0.5, 4.5), (axis.Low, axis.High));
        Assert.Equal(1, Enumerable.Range(1, 4).Sum(whole => density.At(whole)), 4 * Rounding);
        Assert.Equal(density.At(2), density.At(2.4), Rounding);
        Assert.True(density.At(2) > density.At(1) && density.At(2) > density.At(3) && density.At(3) > density.At(4));
    }

    [Fact]
    public void Category_ThreeTrials_CountsEachSmearedOverAllAndOneForThePrior()
    {
        var density = new CategoryDensity(3, [0, 0, 2]);

        // Each of the trials gives its own category 5/7 and the others 1/7.
        Assert.Equal(((5 / 7.0) + (5 / 7.0) + (1 / 7.0) + (1 / 3.0)) / 4, density.At(0), 1e-15);
        Assert.Equal(((3 / 7.0) + (1 / 3.0)) / 4, density.At(1), 1e-15);
        Assert.Equal(((1 / 7.0) + (1 / 7.0) + (5 / 7.0) + (1 / 3.0)) / 4, density.At(2), 1e-15);
        Assert.All([0, 1, 2], category => Assert.Equal(1 / 3.0, new CategoryDensity(3, [-1]).At(category), 1e-15));
    }

    [Fact]
    public void Weights_OfOldTrials_RiseToThatOfTheNewest25()
    {
        Assert.All(TrialWeights.Of(25), weight => Assert.Equal(1, weight));
        Assert.Equal([1 / 26.0, 1, 1], TrialWeights.Of(26)[..3]);
        Assert.All(new[] { 1 / 30.0, 0.275, 31 / 60.0, 91 / 120.0, 1, 1 }.Zip(TrialWeights.Of(30)), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
    }

    [Theory]
    [InlineData(0.0, 0)]
    [InlineData(0.2499, 0)]
    [InlineData(0.25, 1)]
    [InlineData(0.7499, 1)]
    [InlineData(0.75, 2)]
    [InlineData(0.9999, 2)]
    public void Pick_ANumberBelowOne_IsTheShareThatItFallsInto(double at, int expected) => Assert.Equal(expected, TrialWeights.Pick([0.25, 0.5, 0.25], at));

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.3, 1)]
    [InlineData(0.89, 3)]
    public void CoordinateOf_AValueBesideThePoints_IsThatOfTheNearest(double value, double expected) =>
        Assert.Equal(expected, ParameterAxis.Of(ParameterSpec.Between("momentum", 0, 0.9) with { Step = 0.3 }).CoordinateOf(value));

    [Fact]
    public void Tpe_BeforeItsStartupTrials_IsTheRandomSampler()
    {
        var spec = new SweepSpec
        {
            Parameters = [ParameterSpec.Between("momentum", 0, 0.9)],
            Sampler = new SamplerSpec { Kind = "tpe", StartupTrials = 3 },
            MaxTrials = 10,
            MaxConcurrent = 1,
        };
        var space = new SearchSpace(spec.Parameters);
        var (tpe, random) = (new TpeSampler(space, spec), new RandomSampler(space, spec.SamplerSeed()));
        var trials = Enumerable.Range(1, 3).Select(number => Trials.Completed(number, random.Sample(number, number, []), loss: number)).ToArray();

        Assert.All([1, 2, 3], number => Assert.Equal(random.Sample(number, number, []), tpe.Sample(number, number, trials)));
        Assert.NotEqual(random.Sample(4, 4, []), tpe.Sample(4, 4, trials));
    }

    // A normal cut off at the ends of the axis.
    private static double Kernel(double mean, double deviation, double at)
    {
        double Density(double x) => Math.Exp(-0.5 * Math.Pow((x - mean) / deviation, 2));
        return Density(at) / Integral(Density);
    }

    // Simpson's rule on the axis from 0 to 100.
    private static double Integral(Func<double, double> function)
    {
        const int Steps = 2000;
        const double Width = 100.0 / Steps;
        return Enumerable.Range(0, Steps + 1).Sum(i => function(i * Width) * (i is 0 or Steps ? 1 : i % 2 == 1 ? 4 : 2)) * Width / 3;
    }
}
