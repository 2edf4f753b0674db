using System.CommandLine;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Cli.Commands.Comparisons;

/// <summary>The options of <c>lcnn compare</c>; those of training are <c>lcnn train</c>'s.</summary>
internal sealed class CompareOptions
{
    private readonly TrainOptions _train = new();

    public Option<string> Methods { get; } = CommonOptions.Value("--methods", "list", $"What is compared, as NAME or NAME:SEEDS between commas, the baseline first: {string.Join(", ", Names.Methods)}. Default: all, in this order");
    public Option<string> Seeds { get; } = CommonOptions.Value("--seeds", "n", "Seeds of each method that says none itself. Default: 1");
    public Option<string> Seed { get; } = CommonOptions.Value("--seed", "n", "The first seed; those after it follow. Default: 1729");
    public Option<string> Architecture { get; } = CommonOptions.Value("--arch", "name", "Network that each method takes in its own style, built in or the file of your own (see 'lcnn arch'). Default: resnet8");
    public Option<string> AttackSeeds { get; } = CommonOptions.Value("--attack-seeds", "n", "Seeds of each method whose networks are attacked, the first ones; 0 for none. Default: 1");
    public Option<string> Concurrent { get; } = CommonOptions.Value("--concurrent", "n", "Networks that are trained at once. Default: cores / workers, on a cluster all; those without slots wait");
    public Option<string> Out { get; } = CommonOptions.Value("--out", "folder", "Folder on this machine for the tables, the report and, unless on a cluster, the runs. Default: comparisons/ and the time");
    public Option<string> Resume { get; } = CommonOptions.Value("--resume", "auto", "Go on with the comparison in --out where it was left, or write its tables anew; 'auto': start it where there is none. Default: start");
    public Option<string> LocalSilos { get; } = CommonOptions.Value("--local-silos", "n", "Silo processes to start on this machine. Default: none, it runs in this process");
    public ClusterSwitches Cluster { get; } = new("this process");
    public RobustnessSwitches Robustness { get; } = RobustnessSwitches.OfComparison();

    public Option<string> Dataset => _train.Dataset;

    public Option<string> DataDirectory => _train.DataDirectory;

    /// <summary>Options that say of every run what they say of a single one, each with its name in sweep files.</summary>
    public IReadOnlyList<(Option Option, RunSpecOption Run)> OfRuns =>
    [
        .. new Option[]
        {
            _train.ArchitectureParameters, _train.Preset, _train.Epochs, _train.BatchSize, _train.Shards, _train.Workers, _train.Threads, _train.LearningRate, _train.WeightDecay,
            _train.BetaWeight, _train.GammaWeight, _train.GradientNormWeight, _train.AttackRadius, _train.TrainLimit, _train.TestLimit, _train.CurvatureSamples, _train.BatchNorm,
        }.Select(option => (option, RunSpecOptions.Find(NameOf(option))!)),
    ];

    /// <summary>What the comparison is, and where its files go.</summary>
    public IEnumerable<Option> OfComparison =>
        [Methods, Seeds, Dataset, DataDirectory, Architecture, .. OfRuns.Select(pair => pair.Option), Seed, .. Robustness.All, AttackSeeds, Concurrent, Out];

    /// <summary>All of them, in the order of the help text.</summary>
    public IEnumerable<Option> All => [.. OfComparison, Resume, .. Cluster.All, LocalSilos];

    // "--train-limit" is trainLimit.
    private static string NameOf(Option option)
    {
        var words = option.Name.TrimStart('-').Split('-');
        return string.Concat(words.Select((word, place) => place == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
