using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Summaries;

/// <summary>What people ask of a data set.</summary>
/// <param name="TrainByClass">Training samples of each class.</param>
/// <param name="TestByClass">Test samples of each class.</param>
/// <param name="Means">Of the training samples' values by channel, before any normalisation: pixels are divided by their maximum.</param>
/// <param name="Deviations">Standard deviations of the same.</param>
public sealed record SetSummary(IReadOnlyList<int> TrainByClass, IReadOnlyList<int> TestByClass, IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)
{
    private const int ImagesAtOnce = 4096; // fixed, and so is the order in which their sums are added

    /// <summary>Reads all training images once.</summary>
    /// <exception cref="DataFileException">A packed set was damaged.</exception>
    public static SetSummary Of(DataSet data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var train = (LabelledImages)data.Train;
        var parts = new (double[] Sums, double[] Squares)[(train.Count + ImagesAtOnce - 1) / ImagesAtOnce];
        Parallel.For(0, parts.Length, new ParallelOptions { CancellationToken = cancellationToken }, part => parts[part] = Sum(train, part));
        var values = (double)train.Count * train.Height * train.Width;
        var means = Enumerable.Range(0, train.Channels).Select(channel => parts.Sum(part => part.Sums[channel]) / values).ToArray();
        return new SetSummary(
            CountByClass(data.Train), CountByClass(data.Test), means,
            [.. means.Select((mean, channel) => Math.Sqrt(Math.Max(0, (parts.Sum(part => part.Squares[channel]) / values) - (mean * mean))))]);
    }

    private static (double[] Sums, double[] Squares) Sum(LabelledImages images, int part)
    {
        var (sums, squares, plane) = (new double[images.Channels], new double[images.Channels], images.Height * images.Width);
        var elements = images.PlainElements;
        var (stored, values) = (new byte[images.StoredBytes], new float[images.ImageLength]);
        for (var i = part * ImagesAtOnce; i < Math.Min(images.Count, (part + 1L) * ImagesAtOnce); i++)
        {
            images.CopyStoredImage(i, stored);
            elements.Convert(stored, values);
            for (var channel = 0; channel < sums.Length; channel++)
            {
                var (sum, square) = (0.0, 0.0);
                foreach (var value in values.AsSpan(channel * plane, plane))
                {
                    sum += value;
                    square += (double)value * value;
                }

                sums[channel] += sum;
                squares[channel] += square;
            }
        }

        return (sums, squares);
    }

    private static int[] CountByClass(ILabelledImages images)
    {
        var counts = new int[images.Classes];
        foreach (var label in images.Labels)
        {
            counts[label]++;
        }

        return counts;
    }
}
