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
        if (train.Classes < 2)
        {
            throw new DataFileException(path, "images of at least 2 classes", $"{train.Classes}", "Give each class a folder or label of its own");
        }

        if (test is null)
        {
            if (options.Split <= 0)
            {
                throw new DataFileException(
                    path, "a test set", "none", "Say which share of each class is to make one, as in --split 0.1, or add a test set");
            }

            (train, test) = TestSplit.Of(train, options.Split, options.SplitSeed);
        }
        else if (options.Split > 0)
        {
            throw new DataFileException(path, "no test set, since --split is given", $"one of {test.Count} images", "Leave out --split");
        }

        return train.Count == 0 ? throw Empty(path, "train on") : test.Count == 0 ? throw Empty(path, "test with") : new DataSet(path, train, test);
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

    private static DataFileException Empty(string path, string purpose) =>
        new(path, $"images to {purpose}", "none", "Add images, or change --split");
}
