using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;

namespace Lcnn.Distributed.Data.Own;

/// <summary>What every data set of a user's own has to be, whatever it was read from.</summary>
internal static class OwnDataSet
{
    /// <summary>A data set of images in memory; without a test part, one is split off.</summary>
    /// <exception cref="DataFileException">There is nothing to train on or to test with.</exception>
    public static DataSet Of(string path, LabelledImages train, LabelledImages? test, ImageOptions options)
    {
        CheckParts(path, train.Classes, test?.Count, options);
        if (test is null)
        {
            (train, test) = TestSplit.Of(train, options.Split, options.SplitSeed);
        }

        CheckCounts(path, train.Count, test.Count);
        return new DataSet(path, train, test);
    }

    /// <summary>Checks that there are classes to tell apart, and either a test part or a share that makes one.</summary>
    /// <exception cref="DataFileException">There are not.</exception>
    public static void CheckParts(string path, int classes, int? testCount, ImageOptions options)
    {
        if (classes < 2)
        {
            throw new DataFileException(path, "images of at least 2 classes", $"{classes}", "Give each class a folder or label of its own");
        }

        if (testCount is null && options.Split <= 0)
        {
            throw new DataFileException(
                path, "a test set", "none", "Say which share of each class is to make one, as in --split 0.1, or add a test set");
        }

        if (testCount is { } count && options.Split > 0)
        {
            throw new DataFileException(path, "no test set, since --split is given", $"one of {count} images", "Leave out --split");
        }
    }

    /// <summary>Checks that neither part is empty.</summary>
    /// <exception cref="DataFileException">One is.</exception>
    public static void CheckCounts(string path, int trainCount, int testCount)
    {
        if (trainCount == 0 || testCount == 0)
        {
            throw new DataFileException(path, $"images to {(trainCount == 0 ? "train on" : "test with")}", "none", "Add images, or change --split");
        }
    }

    /// <summary>Checks that means and deviations fit the channels.</summary>
    /// <exception cref="DataFileException">They do not.</exception>
    public static void CheckNormalization(string path, int channels, PixelNormalization? normalization)
    {
        if (normalization is { Count: > 1 } && normalization.Count != channels)
        {
            throw new DataFileException(
                path, $"one mean and deviation, or as many as the images have channels ({channels})", $"{normalization.Count}", "Change --normalize");
        }
    }
}
