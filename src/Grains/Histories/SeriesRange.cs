namespace Lcnn.Distributed.Grains.Histories;

/// <summary>What is kept of a value over some steps.</summary>
/// <param name="Minimum">The smallest; NaN without any.</param>
/// <param name="Maximum">The largest; NaN without any.</param>
/// <param name="Sum">Of all.</param>
/// <param name="Count">How many there are.</param>
internal readonly record struct SeriesRange(float Minimum, float Maximum, double Sum, int Count)
{
    /// <summary>No value.</summary>
    public static SeriesRange Nothing => new(float.NaN, float.NaN, double.NaN, 0);

    /// <summary>The mean; NaN without any.</summary>
    public double Mean => Sum / Count;

    /// <summary>One value. What is no number is none, but for infinities: those are what charts are looked at for.</summary>
    public static SeriesRange Of(float value) => float.IsNaN(value) ? Nothing : new(value, value, value, 1);

    /// <summary>With those of the steps behind.</summary>
    public SeriesRange With(SeriesRange next) => Count == 0 ? next
        : next.Count == 0 ? this
        : new(Math.Min(Minimum, next.Minimum), Math.Max(Maximum, next.Maximum), Sum + next.Sum, Count + next.Count);
}
