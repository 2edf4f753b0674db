using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Placement;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.UnitTests.Own;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.TestingHost;

namespace Lcnn.Distributed.ClusterTests.Programs;

/// <summary>Two silos of two slots each, of different programs.</summary>
public sealed class ProgramCluster : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lcnn-programs-").FullName;
    private InProcessTestCluster? _cluster;

    /// <summary>Names of the silos: the first has all, the second less, and some of it other.</summary>
    internal (string Full, string Partial) Names => (_cluster!.Silos.Single(silo => silo.Name.EndsWith('0')).Name, _cluster.Silos.Single(silo => !silo.Name.EndsWith('0')).Name);

    internal LcnnClient Client => new(_cluster!.Client);

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.AddLcnn().Services.Configure<PlacementOptions>(options => (options.Slots, options.Devices) = (2, "cpu"));
            Add(new LcnnSiloBuilder(silo.Services), isFull: options.SiloName.EndsWith('0'));
        });
        builder.ConfigureSiloHost((_, host) => host.Logging.SetMinimumLevel(LogLevel.Critical));
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, Guid.NewGuid().ToString("N"))).FullName;

    /// <summary>Two epochs of two steps on a data set and network that only programs know; nothing is said of the loss.</summary>
    internal RunSpec Spec(string dataset = "everywhere", string architecture = "mine") => Recipes.Default(dataset, architecture) with
    {
        Epochs = 2,
        BatchSize = 16,
        LogicalShards = 4,
        Workers = 2,
        ThreadsPerWorker = 1,
        CurvatureSamples = 8,
        OutputDirectory = NewFolder(),
    };

    /// <summary>Random images whose class is the brighter half.</summary>
    internal static DataSet Halves(int seed)
    {
        return new DataSet("halves", Part(32, seed), Part(16, seed + 1));

        static FloatImages Part(int count, int seed)
        {
            var draws = new Random(seed);
            var labels = Enumerable.Range(0, count).Select(index => index % 2).ToArray();
            var values = labels.SelectMany(label => Enumerable.Range(0, 36).Select(pixel => (float)draws.NextDouble() + (pixel / 18 == label ? 0.5f : 0))).ToArray();
            return new FloatImages(values, labels, 1, 6, 6, 2) { ClassNames = ["top", "bottom"] };
        }
    }

    private static void Add(LcnnSiloBuilder silo, bool isFull)
    {
        silo.AddDataSet("everywhere", () => Halves(1)).AddDataSet("unlike", () => Halves(isFull ? 1 : 2)).AddDataSet("failing", () => throw new InvalidOperationException("no disk"))
            .AddOperation(new WrittenGate())
            .AddNetwork("mine", network => network.Parameter("width", 4).Conv("width").Add("writtenGate", ("start", 0.5)).Activation().GlobalAveragePool().Flatten().Classes())
            .AddNetwork("unlike", network => network.Conv(isFull ? 4 : 5).GlobalAveragePool().Flatten().Classes());
        if (isFull)
        {
            silo.AddDataSet("rare", () => Halves(3)).AddOperation(new ForwardGate())
                .AddNetwork("seldom", network => network.Conv(4).Activation().GlobalAveragePool().Flatten().Classes())
                .AddNetwork("gated", network => network.Conv(4).Add("gate").GlobalAveragePool().Flatten().Classes());
        }
    }
}
