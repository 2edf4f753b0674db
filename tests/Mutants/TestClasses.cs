using System.Diagnostics;

namespace Lcnn.Distributed.Mutants;

/// <summary>One test class, alone in a process: how long it takes, and which mutations it reaches.</summary>
internal sealed record TestClass(string Executable, string Name, TimeSpan Duration, IReadOnlySet<int> Reached);

/// <summary>The test projects that are run against mutants, class by class.</summary>
internal sealed class TestClasses(MutatedTree tree, IReadOnlyList<TestClass> classes)
{
    private const double FirstPortion = 15; // seconds, each class's own start included
    private const double Growth = 5;

    private const double Patience = 2;
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(30);

    /// <summary>Runs every class once without a mutant; those that fail on the woven code (it is not formatted, say) take no part.</summary>
    public static async Task<TestClasses> ExploreAsync(MutatedTree tree, IReadOnlyList<string> projects, CancellationToken cancellationToken)
    {
        var classes = new List<TestClass>();
        foreach (var project in projects)
        {
            var executable = Path.Combine(tree.Path, "artifacts", "bin", project, "release", project);
            var listed = await Commands.RunAsync(executable, ["-noLogo", "-noColor", "-list", "classes"], tree.Path, cancellationToken);
            var names = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(n => n.StartsWith("Lcnn.", StringComparison.Ordinal)).ToList();
            await Parallel.ForEachAsync(names, cancellationToken, async (name, token) =>
            {
                var found = await ExploreAsync(tree, executable, name, token);
                lock (classes)
                {
                    if (found is null)
                    {
                        Console.WriteLine($"{name} fails without a mutant: left out");
                    }
                    else
                    {
                        classes.Add(found);
                    }
                }
            });
        }

        return new TestClasses(tree, classes);
    }

    private static async Task<TestClass?> ExploreAsync(MutatedTree tree, string executable, string name, CancellationToken cancellationToken)
    {
        var reached = Directory.CreateTempSubdirectory("lcnn-mutants-");
        try
        {
            var started = Stopwatch.GetTimestamp();
            var (code, _) = await Commands.TryAsync(executable, ["-noLogo", "-noColor", "-class", name], tree.Path, cancellationToken, ("LCNN_MUTANTS_REACHED", reached.FullName));
            var numbers = reached.EnumerateFiles().SelectMany(file => File.ReadLines(file.FullName)).Select(int.Parse).ToHashSet();
            return code == 0 ? new TestClass(executable, name, Stopwatch.GetElapsedTime(started), numbers) : null;
        }
        finally
        {
            reached.Delete(recursive: true);
        }
    }

    /// <summary>Whether a class that reaches the mutation fails with it (or does not end).</summary>
    public async Task<Outcome> TryAsync(Mutation mutation, CancellationToken cancellationToken)
    {
        var reaching = classes.Where(c => c.Reached.Contains(mutation.Number)).ToList();
        foreach (var portion in Portions(reaching))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(LimitOf(portion));
            string[] arguments = ["-noLogo", "-noColor", "-stopOnFail", .. portion.SelectMany(c => new[] { "-class", c.Name })];
            try
            {
                var (code, _) = await Commands.TryAsync(portion[0].Executable, arguments, tree.Path, limit.Token, ("LCNN_MUTANT", $"{mutation.Number}"));
                if (code != 0)
                {
                    return Outcome.Killed;
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return Outcome.Killed;
            }
        }

        return reaching.Count == 0 ? Outcome.NotReached : Outcome.Survived;
    }

    // A mutant that hangs is noticed long before the tests' own limits.
    private static TimeSpan LimitOf(IReadOnlyList<TestClass> portion) => _least + (Patience * portion.Aggregate(TimeSpan.Zero, (sum, test) => sum + test.Duration));

    // The quick classes first, as most mutants are killed by many; each portion takes some times as long as the one before.
    private static IEnumerable<IReadOnlyList<TestClass>> Portions(IReadOnlyList<TestClass> reaching)
    {
        foreach (var project in reaching.GroupBy(c => c.Executable).OrderBy(g => g.Sum(c => c.Duration.TotalSeconds)))
        {
            var (portion, seconds, bound) = (new List<TestClass>(), 0.0, FirstPortion);
            foreach (var test in project.OrderBy(c => c.Duration))
            {
                if (seconds > bound)
                {
                    yield return portion;
                    (portion, seconds, bound) = ([], 0, bound * Growth);
                }

                portion.Add(test);
                seconds += test.Duration.TotalSeconds;
            }

            yield return portion;
        }
    }
}
