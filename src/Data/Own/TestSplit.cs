using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Splits a test set off: the same share of every class, drawn from (seed, class) alone; both parts keep the set's order.</summary>
internal static class TestSplit
{
    /// <summary>The rest, and the share for testing.</summary>
    public static (LabelledImages Train, LabelledImages Test) Of(LabelledImages all, double share, long seed)
    {
        var isTest = Draw(all.Labels.ToArray(), share, seed);
        return (Select(all, isTest, false), Select(all, isTest, true));
    }

    /// <summary>Which samples are for testing, by their labels.</summary>
    public static bool[] Draw(IReadOnlyList<int> labels, double share, long seed)
    {
        var isTest = new bool[labels.Count];
        foreach (var samples in Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]))
        {
            var order = samples.ToArray();
            var source = RandomSource.For(seed, RandomPurpose.TestSplit, samples.Key);
            for (var i = order.Length - 1; i > 0; i--)
            {
                var j = source.NextInt(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }

            foreach (var sample in order.Take((int)Math.Round(share * order.Length)))
            {
                isTest[sample] = true;
            }
        }

        return isTest;
    }

    private static LabelledImages Select(LabelledImages all, bool[] isTest, bool wanted) =>
        (LabelledImages)all.Select([.. Enumerable.Range(0, all.Count).Where(i => isTest[i] == wanted)]);
}
