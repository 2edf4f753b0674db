using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Downloads;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Images;
using Lcnn.Distributed.Grains.Programs;
using Lcnn.Distributed.Silo;
using Lcnn.Distributed.UnitTests.Own;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Lcnn.Distributed.UnitTests.Silo;

/// <summary>What a silo's program adds.</summary>
public sealed class LcnnSiloBuilderTests
{
    private static readonly FloatImages _two = new([0, 1, 2, 3, 4, 5, 6, 7], [0, 1], 1, 2, 2, 2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Program_OfAllItsParts_OffersThemByName()
    {
        var program = Program(silo => silo
            .AddNetwork("mine", network => network.Conv(4).Add("gate").Flatten().Classes()) // before the operation that it holds
            .AddDataSet("shapes", _two, _two).AddOperation(new ForwardGate()));

        Assert.Equal(["shapes"], program.Offer.DataSets);
        Assert.Equal(["mine"], program.Offer.Networks);
        Assert.Equal(["gate"], program.Offer.Layers);
        Assert.Contains("gate", Assert.Single(program.Report.Networks), StringComparison.Ordinal);
    }

    public static TheoryData<Action<LcnnSiloBuilder>, string> Wrong { get; } = new()
    {
        { silo => silo.AddDataSet("digits", _two, _two), "expected a name for a data set of 1 to 64 letters, digits, '-', '_' and '.' that is not built in, got 'digits'" },
        { silo => silo.AddDataSet("a/b", _two, _two), "got 'a/b'" },
        { silo => silo.AddDataSet("a", _two, _two).AddDataSet("a", _two, _two), "the data set 'a' is added twice" },
        { silo => silo.AddNetwork("resnet8", network => network.Flatten().Classes()), "that is not built in, got 'resnet8'" },
        { silo => silo.AddNetwork("mine", network => network.Add("gate").Flatten().Classes()), "network 'mine': layers[0]: unknown layer 'gate'" },
        { silo => silo.AddNetwork("mine", network => network.Conv("wide").Flatten().Classes()), "network 'mine': layers[0].conv.channels: unknown parameter 'wide'" },
        { silo => silo.AddNetwork("mine", network => network.Add("conv").Classes()), "network 'mine': layers[0].conv: lacks 'channels'" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Program_OfAPartThatCannotBe_IsRefusedByName(Action<LcnnSiloBuilder> add, string expected)
    {
        var refused = Assert.Throws<ArgumentException>(() => Program(add));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Silo_WithProbesInAHostWithoutAWebServer_IsRefused()
    {
        var refused = Assert.Throws<ArgumentException>(() => Host.CreateApplicationBuilder().AddLcnnSilo("localhost", silo => silo.HttpPort = 8080));

        Assert.Contains("HttpPort: expected none, as this host has no web server, got 8080; leave it out, or build the silo with SiloApplication.Build", refused.Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Host.CreateApplicationBuilder().AddLcnnSilo("elsewhere"));
    }

    [Fact]
    public async Task DataSet_OfSomebodysOwnClass_HasTheHashOfItsContent()
    {
        DataSet[] sets =
        [
            await LoadAsync(() => new DataSet("", new Claimed(_two, "same"), _two)),
            await LoadAsync(() => new DataSet("", new Claimed(_two, "other"), _two)),
            await LoadAsync(() => new DataSet("", new Claimed(new FloatImages([0, 1, 2, 3, 4, 5, 6, 8], [0, 1], 1, 2, 2, 2), "same"), _two)),
            await LoadAsync(() => new DataSet("", new Claimed(new FloatImages([0, 1, 2, 3, 4, 5, 6, 7], [1, 1], 1, 2, 2, 2), "same"), _two)),
        ];

        Assert.Equal(sets[0].Sha256, sets[1].Sha256);
        Assert.Equal(3, sets.Select(set => set.Sha256).Distinct().Count());
        Assert.NotEqual(sets[0].Train.Sha256, sets[0].Train.Take(1).Sha256);
        Assert.Equal("shapes", sets[0].Name);
    }

    public static TheoryData<Func<DataSet>, string> Odd { get; } = new()
    {
        { () => null!, "expected samples to train on and to test with, got nothing" },
        { () => new DataSet("", _two, null!), "expected samples to train on and to test with, got 2 and 0" },
        { () => new DataSet("", _two, new FloatImages([0, 1], [0, 1], 1, 1, 1, 2)), "expected the same shape and classes in both parts, got 1x2x2 in 2 classes to train on, 1x1x1 in 2 classes to test with" },
        { () => new DataSet("", _two, new FloatImages([.. Enumerable.Repeat(0f, 8)], [0, 1], 1, 2, 2, 2) { ClassNames = ["a"] }), "expected 2 class names or none, got 1" },
        { () => throw new KeyNotFoundException("nowhere"), "expected one made by the silo's program, got KeyNotFoundException: nowhere" },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public async Task DataSet_ThatIsNone_IsRefusedByName(Func<DataSet> make, string expected)
    {
        var refused = await Assert.ThrowsAsync<DataFileException>(() => LoadAsync(make));

        Assert.StartsWith($"data set 'shapes': {expected}. Mend what is passed to AddDataSet", refused.Message, StringComparison.Ordinal);
    }

    private static SiloProgram Program(Action<LcnnSiloBuilder> add)
    {
        var services = new ServiceCollection();
        add(new LcnnSiloBuilder(services));
        return services.AddSingleton<SiloProgram>().BuildServiceProvider().GetRequiredService<SiloProgram>();
    }

    private static Task<DataSet> LoadAsync(Func<DataSet> make)
    {
        var services = new ServiceCollection();
        new LcnnSiloBuilder(services).AddDataSet("shapes", make);
        return new DataSetLoader(services.BuildServiceProvider().GetServices<AddedDataSet>()).LoadAsync(new DataSetRequest("shapes"), new Progress<DownloadProgress>(), Token);
    }

    /// <summary>A class of a user's own, which may say anything of its hash.</summary>
    private sealed class Claimed(FloatImages images, string sha256) : ILabelledImages
    {
        public int Count => images.Count;

        public int Channels => images.Channels;

        public int Height => images.Height;

        public int Width => images.Width;

        public int Classes => images.Classes;

        public IReadOnlyList<string> ClassNames => [];

        public ReadOnlySpan<int> Labels => images.Labels;

        public string Sha256 => sha256;

        public ILabelledImages Take(int limit) => new Claimed((FloatImages)images.Take(limit), sha256);

        public void Gather(ReadOnlySpan<int> indices, Span<float> destination_NCHW) => images.Gather(indices, destination_NCHW);

        public void GatherAugmented(ReadOnlySpan<int> indices, Span<float> destination_NCHW, long seed, int epoch) => images.GatherAugmented(indices, destination_NCHW, seed, epoch);

        public void GatherLabels(ReadOnlySpan<int> indices, Span<long> destination_N) => images.GatherLabels(indices, destination_N);
    }
}
