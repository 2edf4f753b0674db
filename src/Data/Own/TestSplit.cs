using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Splits a test set off: the same share of every class, drawn from (seed, class) alone; both parts keep the set's order.</summary>
internal static class TestSplit
{
    /// <summary>The rest, and the share for testing.</summary>
    public static (LabelledImages Train, LabelledImages Test) Of(LabelledImages all, double share, long seed)
    {
        var isTest = new bool[all.Count];
        var labels = all.Labels.ToArray();
        foreach (var samples in Enumerable.Range(0, all.Count).GroupBy(i => labels[i]))
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

        return (Select(all, isTest, false), Select(all, isTest, true));
    }

    private static LabelledImages Select(LabelledImages all, bool[] isTest, bool wanted) =>
        (LabelledImages)all.Select([.. Enumerable.Range(0, all.Count).Where(i => isTest[i] == wanted)]);
}
