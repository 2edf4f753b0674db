using System.CommandLine;
using Lcnn.Distributed.Mutants;

var seed = new Option<int>("--seed") { Description = "which mutations are drawn", DefaultValueFactory = _ => 1 };
var count = new Option<int>("--count") { Description = "how many", DefaultValueFactory = _ => 300 };
var folders = new Option<string[]>("--folder")
{
    Description = "a folder below src; may be repeated",
    DefaultValueFactory = _ => ["Model/Training", "Model/Losses", "Contracts", "Grains/Sweeps", "Grains/Runs"],
};
var tree = new Option<string>("--tree") { Description = "where the mutated clone goes (replaced)", DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "lcnn-mutants", "tree") };
var command = new RootCommand("Puts small faults into the committed code, one at a time, and says which of them no test notices") { seed, count, folders, tree };
command.SetAction(async (parsed, cancellationToken) =>
{
    var clone = await MutatedTree.CloneAsync(Environment.CurrentDirectory, parsed.GetRequiredValue(tree), cancellationToken);
    var drawn = MutationSample.Draw([.. parsed.GetRequiredValue(folders).Select(clone.Candidates)], parsed.GetRequiredValue(count), parsed.GetRequiredValue(seed));
    var mutations = await clone.BuildAsync(drawn, cancellationToken);
    var classes = await TestClasses.ExploreAsync(clone, ["Lcnn.Distributed.UnitTests", "Lcnn.Distributed.ClusterTests"], cancellationToken);

    var outcomes = new Dictionary<Mutation, Outcome>();
    await Parallel.ForEachAsync(mutations, cancellationToken, async (mutation, token) =>
    {
        var outcome = await classes.TryAsync(mutation, token);
        lock (outcomes)
        {
            outcomes[mutation] = outcome;
            Console.WriteLine($"{outcomes.Count}/{mutations.Count} {outcome} {mutation.Number} {mutation}");
        }
    });

    foreach (var folder in outcomes.GroupBy(o => o.Key.Folder))
    {
        var killed = folder.Count(o => o.Value == Outcome.Killed);
        Console.WriteLine($"{folder.Key}: {killed} of {folder.Count()} killed ({100.0 * killed / folder.Count():F0} %), {folder.Count(o => o.Value == Outcome.NotReached)} not reached");
    }
});
return await command.Parse(args).InvokeAsync();
