namespace Lcnn.Distributed.Mutants;

/// <summary>Which of the possible mutations are tried: drawn by a seed, from each folder in proportion, and enough of a small one to say something.</summary>
internal static class MutationSample
{
    private const int Least = 20;

    public static IReadOnlyList<Mutation> Draw(IReadOnlyList<IReadOnlyList<Mutation>> folders, int count, int seed)
    {
        var random = new Random(seed);
        var least = folders.Select(f => Math.Min(f.Count, Least)).ToList();
        var rest = Math.Max(0, count - least.Sum());
        var beyond = folders.Select((f, i) => f.Count - least[i]).ToList();
        return
        [
            .. folders.SelectMany((folder, i) => random.GetItemsWithoutRepeats(folder, least[i] + (int)Math.Round((double)rest * beyond[i] / Math.Max(1, beyond.Sum()))))
                .Select((mutation, number) => mutation with { Number = number }),
        ];
    }

    private static IEnumerable<Mutation> GetItemsWithoutRepeats(this Random random, IReadOnlyList<Mutation> folder, int count)
    {
        // One mutation a place: two behind the same node could not be switched apart.
        var shuffled = folder.DistinctBy(m => m.Node).ToArray();
        random.Shuffle(shuffled);
        return shuffled.Take(count);
    }
}
