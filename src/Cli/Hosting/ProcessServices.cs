using Lcnn.Distributed.Cli.Output;
using Lcnn.Distributed.Cli.Services;
using Lcnn.Distributed.Grains.Folders;
using Spectre.Console;

namespace Lcnn.Distributed.Cli.Hosting;

/// <summary>The services of the real program.</summary>
internal static class ProcessServices
{
    private const string NoCluster = "this is the command for clusters, which computes nothing itself: name one with --cluster or LCNN_CLUSTER";
    private const int WidthOfPipes = 240; // programs want a row of a table in one line

    /// <summary>Those of the whole command, or of the one for clusters, which has no libtorch.</summary>
    public static CliServices Create(OutputHealth output, bool isClient)
    {
        var isDebugging = Environment.GetEnvironmentVariable("LCNN_DEBUG") is "1" or "true";
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, WidthOfPipes);
        }

        return new CliServices
        {
            In = Console.In,
            Console = AnsiConsole.Console,
            Out = Console.Out,
            Error = Console.Error,
            Output = output,
            IsTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
            IsDebugging = isDebugging,
            IsClient = isClient,
            OpenHost = (place, token) => isClient && place is not RunPlace.Cluster ? throw new BadInputException(NoCluster) : RunHosts.OpenAsync(place, isDebugging, token),
            SiloRunner = new SiloRunner(isDebugging),
            ReadFolder = RunFolderReader.Read,
            Evaluator = new ModelEvaluator(isDebugging),
            Inspector = new ModelInspector(),
            Moons = new MoonsRunner(),
            Predictor = new ImagePredictor(),
            Exchange = new ModelExchange(),
            Diagnostics = new MachineDiagnostics(),
            Datasets = new DatasetLister(),
            DataTools = new DataTools(),
            StepBenchmark = new StepBenchmarkRunner(),
            AllReduceBenchmark = new AllReduceBenchmarkRunner(),
            ScalingBenchmark = new ScalingBenchmarkRunner(isDebugging),
            NetworkBenchmark = new NetworkBenchmarkRunner(),
            PingBenchmark = new PingBenchmarkRunner(isDebugging),
            SweepBenchmark = new SweepBenchmarkRunner(isDebugging),
        };
    }
}
