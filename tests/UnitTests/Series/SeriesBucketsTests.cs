using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Series;
using Lcnn.Distributed.Grains.Histories;

namespace Lcnn.Distributed.UnitTests.Series;

public sealed class SeriesBucketsTests
{
    [Fact]
    public void Window_FewSteps_TellsEveryOne()
    {
        var window = WindowOf(new SeriesQuery { Fields = ["loss"], Points = 10 }, 10);

        Assert.Equal((1, 10), (window.Width, window.LastStep));
        Assert.Equal(Enumerable.Range(1, 10).Select(step => (long)step), window.Steps);
        var loss = Assert.Single(window.Columns);
        Assert.Equal(loss.Minimum, loss.Maximum);
        Assert.Equal(Enumerable.Range(1, 10).Select(step => (double)LossOf(step)), loss.Mean);
    }

    [Theory]
    [InlineData(1000, 7)]
    [InlineData(100_000, 1000)]
    [InlineData(100_001, 999)]
    public void Window_ManySteps_HidesNoSpike(int steps, int points)
    {
        var window = WindowOf(new SeriesQuery { Fields = ["loss"], Points = points }, steps);

        Assert.InRange(window.Steps.Count, 1, points);
        Assert.True(long.IsPow2(window.Width));
        Assert.All(window.Steps, step => Assert.Equal(0, (step - 1) % window.Width));
        var loss = Assert.Single(window.Columns);
        Assert.Equal((Losses(steps).Min(), Losses(steps).Max()), ((float)loss.Minimum.Min(), (float)loss.Maximum.Max()));
        foreach (var (i, step) in window.Steps.Index())
        {
            var part = Losses(steps).Skip((int)step - 1).Take((int)window.Width).ToList();
            Assert.Equal((part.Min(), part.Max()), ((float)loss.Minimum[i], (float)loss.Maximum[i]));
            Assert.Equal(part.Average(value => (double)value), loss.Mean[i], 1e-9 * Math.Abs(loss.Mean[i]));
        }
    }

    // A page that asks for a part, and for the same part of more, gets the same buckets.
    [Fact]
    public void Window_OfAPart_HasTheBucketsOfTheWhole()
    {
        var whole = WindowOf(new SeriesQuery { Fields = ["loss"], Points = 100 }, 10_000);
        var part = WindowOf(new SeriesQuery { Fields = ["loss"], Points = 50, From = 1 + (8 * whole.Width), To = 57 * whole.Width }, 10_000);

        Assert.Equal(whole.Width, part.Width);
        Assert.Equal(whole.Steps.Where(step => step > 8 * whole.Width && step <= 57 * whole.Width), part.Steps);
        Assert.Equal(whole.Columns[0].Maximum.Skip(8).Take(49), part.Columns[0].Maximum);
    }

    [Fact]
    public void Window_ValuesThatAreNoNumbers_KeepsInfinitiesAndPassesOverNaN()
    {
        var buckets = new SeriesBuckets(new SeriesQuery { Fields = ["loss", "gammaTerm"], Points = 1 }, 4);
        buckets.Add(Block(1, 4) with { Names = ["loss"], Values = [[1, float.NaN, float.PositiveInfinity, 3]] });

        var (loss, gamma) = (buckets.Window("run").Columns[0], buckets.Window("run").Columns[1]);

        Assert.Equal((1, double.PositiveInfinity), (loss.Minimum[0], loss.Maximum[0]));
        Assert.True(double.IsNaN(gamma.Minimum[0]) && double.IsNaN(gamma.Mean[0]));
    }

    [Theory]
    [InlineData(0, 0, 10, "From")]
    [InlineData(5, 4, 10, "To")]
    [InlineData(1, 0, 0, "Points")]
    [InlineData(1, 0, 10_001, "Points")]
    public void Problems_OfAnOddQuery_NamesTheField(long from, long to, int points, string field) =>
        Assert.Equal(field, Assert.Single(new SeriesQuery { From = from, To = to, Points = points }.Problems()).Field);

    [Fact]
    public void Problems_OfUnknownNames_SaysWhichThereAre() =>
        Assert.Contains("samplesPerSecond", Assert.Single(new SeriesQuery { Fields = ["loss", "lost"] }.Problems()).Message, StringComparison.Ordinal);

    private static SeriesWindow WindowOf(SeriesQuery query, int steps)
    {
        var buckets = new SeriesBuckets(query, steps);
        for (var first = 1; first <= steps; first += 1000)
        {
            buckets.Add(Block(first, Math.Min(first + 999, steps)));
        }

        return buckets.Window("run");
    }

    private static SeriesBlock Block(int first, int last)
    {
        var steps = Enumerable.Range(first, last - first + 1).ToList();
        return new SeriesBlock { Names = ["epoch", "loss"], Steps = [.. steps.Select(step => (long)step)], Times = [.. steps.Select(step => (long)step)], Values = [[.. steps.Select(_ => 1f)], [.. steps.Select(LossOf)]] };
    }

    private static List<float> Losses(int steps) => [.. Enumerable.Range(1, steps).Select(LossOf)];

    private static float LossOf(int step) => step % 997 == 0 ? 1000f + step : (float)Math.Sin(step);
}
