using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Catalog;

/// <summary>A data set that a program adds under a name of its own. Its fingerprint is that of its content, whoever made it.</summary>
/// <param name="name">What runs call it.</param>
/// <param name="load">Makes it, when a run first asks for it.</param>
public sealed class AddedDataSet(string name, Func<CancellationToken, Task<DataSet>> load)
{
    /// <summary>What runs call it.</summary>
    public string Name { get; } = name;

    /// <summary>Makes it, on another thread, and checks it.</summary>
    /// <exception cref="DataFileException">The program's code failed, or what it made is no data set.</exception>
    public async Task<DataSet> LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var data = await Task.Run(() => load(cancellationToken), cancellationToken);
            Check(data);
            return data with { Name = Name, Train = HashedImages.Of(data.Train), Test = HashedImages.Of(data.Test) };
        }
        catch (Exception exception) when (exception is not (DataFileException or OperationCanceledException))
        {
            throw new DataFileException(
                $"data set '{Name}'", "one made by the silo's program", $"{exception.GetType().Name}: {exception.Message}", "Mend what is passed to AddDataSet", exception);
        }
    }

    private void Check(DataSet? data)
    {
        if (data?.Train is not { Count: > 0 } train || data.Test is not { Count: > 0 } test)
        {
            throw Odd("samples to train on and to test with", data is null ? "nothing" : $"{data.Train?.Count ?? 0} and {data.Test?.Count ?? 0}");
        }

        if ((train.Channels, train.Height, train.Width, train.Classes) != (test.Channels, test.Height, test.Width, test.Classes))
        {
            throw Odd("the same shape and classes in both parts", $"{Shape(train)} to train on, {Shape(test)} to test with");
        }

        foreach (var part in new[] { train, test })
        {
            if (part.Channels < 1 || part.Height < 1 || part.Width < 1 || part.Classes < 2 || part.Labels.Length != part.Count || part.Labels.ContainsAnyExceptInRange(0, part.Classes - 1))
            {
                throw Odd($"at least 2 classes, and a label from 0 to below their number for each sample", $"{Shape(part)} with {part.Labels.Length} labels for {part.Count} samples");
            }

            if (part.ClassNames.Count != 0 && part.ClassNames.Count != part.Classes)
            {
                throw Odd($"{part.Classes} class names or none", $"{part.ClassNames.Count}");
            }
        }
    }

    private DataFileException Odd(string expected, string got) => new($"data set '{Name}'", expected, got, "Mend what is passed to AddDataSet");

    private static string Shape(ILabelledImages images) => $"{images.Channels}x{images.Height}x{images.Width} in {images.Classes} classes";
}
