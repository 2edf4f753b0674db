using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Model.Evaluation;

/// <summary>The first samples of a data set, cut by their places into batches of a fixed size: what is measured of one does not depend on who measures which.</summary>
/// <param name="Samples">How many, from the first on.</param>
internal readonly record struct MeasuredBatches(int Samples)
{
    private const int Size = 25;

    /// <summary>How many batches.</summary>
    public int Count => (Samples + Size - 1) / Size;

    /// <summary>Samples of one batch.</summary>
    public int CountOf(int batch) => Math.Min(Size, Samples - (batch * Size));

    /// <summary>Samples of the batches before one, at most all.</summary>
    public int SamplesBefore(int batch) => Math.Min(batch * Size, Samples);

    /// <summary>Places of a batch's samples in the data set.</summary>
    public int[] PlacesOf(int batch) => [.. Enumerable.Range(batch * Size, CountOf(batch))];

    /// <summary>Measures all of them, each on one of some threads.</summary>
    /// <param name="measure">One batch: one figure a sample, in order.</param>
    /// <returns>One a sample, in order.</returns>
    public IReadOnlyList<T> MeasureAll<T>(ComputeThreads threads, Func<int, IReadOnlyList<T>> measure)
    {
        ArgumentNullException.ThrowIfNull(threads);
        var batches = new IReadOnlyList<T>[Count];
        threads.Run(batches.Length, batch => batches[batch] = measure(batch));
        return [.. batches.SelectMany(batch => batch)];
    }
}
