using System.Security.Cryptography.X509Certificates;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Security;
using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Security;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Contracts.Workers;
using Lcnn.Distributed.Grains.Collectives.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace Lcnn.Distributed.ClusterTests.Security;

/// <summary>What callers and strangers can do to a silo with certificates.</summary>
[Collection(nameof(OwnTraining))]
public sealed class ClosedSiloTests(ClosedSilo silo) : IClassFixture<ClosedSilo>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_OfAnOperator_TrainsUnderTheRootAndIsSeenByAViewerWhoCannotEndIt()
    {
        await using var operating = await silo.ConnectAsync(Role.Operate);
        await using var viewing = await silo.ConnectAsync(Role.View);

        var run = await operating.StartAsync(SmallSpec(), Token);
        var seen = await viewing.FindAsync(run.Id, Token);

        var denied = await Assert.ThrowsAsync<AccessDeniedException>(() => seen.CancelAsync("a viewer", Token));
        Assert.Contains("IRunCoordinatorGrain.CancelAsync is for the role 'operate'", denied.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccessDeniedException>(() => viewing.StartAsync(SmallSpec(), Token));
        await Assert.ThrowsAsync<AccessDeniedException>(() => viewing.StartSweepAsync(SmallSweep(), Token));
        await Assert.ThrowsAsync<AccessDeniedException>(() => viewing.ReadFolderAsync("runs", Token));
        var events = new List<RunEvent>();
        await foreach (var next in seen.WatchAsync(cancellationToken: Token))
        {
            events.Add(next);
        }

        var completed = Assert.IsType<RunCompleted>(events[^1]);
        Assert.Equal(Path.Combine(silo.Root, "runs", run.Id), completed.Spec.OutputDirectory); // relative ones lie under the root
        Assert.Contains(await viewing.ListRunsAsync(cancellationToken: Token), entry => entry.RunId == run.Id);
        Assert.Single(await viewing.ListSilosAsync(Token));
        Assert.Empty(await viewing.ListSweepsAsync(cancellationToken: Token));
    }

    [Fact]
    public async Task Token_InPlaceOfACertificate_HasItsRole()
    {
        await using var viewing = await silo.ConnectAsync(ClosedSilo.ViewToken);
        await using var operating = await silo.ConnectAsync(ClosedSilo.OperateToken);
        await using var guessing = await silo.ConnectAsync("a-guess-of-some-length");

        Assert.Single(await viewing.ListSilosAsync(Token));
        await Assert.ThrowsAsync<AccessDeniedException>(() => viewing.StartAsync(SmallSpec(), Token));
        await (await operating.StartAsync(SmallSpec(), Token)).CancelAsync("enough", Token);
        var denied = await Assert.ThrowsAsync<AccessDeniedException>(() => guessing.ListSilosAsync(Token));
        Assert.Contains("its token is not known here", denied.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-guess", string.Join('\n', silo.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tmp/elsewhere")]
    [InlineData("../outside")]
    [InlineData("a/../../outside")]
    public async Task Start_OutsideTheRoots_IsRefused(string folder)
    {
        await using var client = await silo.ConnectAsync(Role.Operate);

        var run = await Assert.ThrowsAsync<InvalidSpecException>(() => client.StartAsync(SmallSpec() with { OutputDirectory = folder }, Token));
        var resumed = await Assert.ThrowsAsync<InvalidSpecException>(() => client.StartAsync(SmallSpec() with { ResumeFrom = folder }, Token));
        var sweep = await Assert.ThrowsAsync<InvalidSpecException>(() => client.StartSweepAsync(SmallSweep() with { OutputDirectory = folder }, Token));

        Assert.Equal(nameof(RunSpec.OutputDirectory), Assert.Single(run.Problems).Field);
        Assert.Equal(nameof(RunSpec.ResumeFrom), Assert.Single(resumed.Problems).Field);
        Assert.Equal("out", Assert.Single(sweep.Problems).Field);
        Assert.Contains("expected a folder under", (await client.ReadFolderAsync(folder, Token)).Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/cron.d/x")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public async Task Start_UnderAnIdThatIsAPath_IsRefused(string id)
    {
        using var host = await ClientHost.StartAsync(silo.Address, new ConnectOptions { TlsFolder = silo.Issue("raw", Role.Operate) }, Token);
        var grains = host.Services.GetRequiredService<IGrainFactory>();

        var run = await Assert.ThrowsAsync<InvalidSpecException>(() => grains.GetGrain<IRunCoordinatorGrain>(id).StartAsync(SmallSpec(), Token));
        var sweep = await Assert.ThrowsAsync<InvalidSpecException>(() => grains.GetGrain<ISweepGrain>(id).StartAsync(SmallSweep() with { OutputDirectory = "s" }, Token));

        Assert.Equal(["id", "id"], run.Problems.Concat(sweep.Problems).Select(problem => problem.Field));
        await ClientHost.StopAsync(host);
    }

    /// <summary>What an operator's own program might try with any Orleans client; before there were roles, all of it worked.</summary>
    [Fact]
    public async Task Calls_ThatAreForSilos_AreRefusedToClients()
    {
        using var host = await ClientHost.StartAsync(silo.Address, new ConnectOptions { TlsFolder = silo.Issue("raw", Role.Operate) }, Token);
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await using var client = await silo.ConnectAsync(Role.Operate);
        var run = await client.StartAsync(SmallSpec() with { Epochs = 100_000 }, Token);
        var (reports, folders) = (grains.GetGrain<IWorkerReports>(run.Id), grains.GetGrain<ISiloStorageGrain>(silo.SiloAddress));
        var worker = $"{run.Id}/1/0@{silo.SiloAddress}";
        var snapshot = new SnapshotCommitted { Path = "/etc", Step = 1 };
        var entry = new RunEntry("run-made-up", DateTimeOffset.UnixEpoch, RunPhase.Completed, "", "", 1, "");

        Func<Task>[] holes =
        [
            () => reports.ReportFinishedAsync(1, new WorkerFinished(), Token),
            () => reports.ReportFailedAsync(1, new WorkerFailed(0, "made up", FailureKind.Training), Token),
            () => reports.CommitSnapshotAsync(1, snapshot, Token),
            () => reports.ReportStepsAsync(1, [], Token),
            () => reports.DrainAsync(silo.SiloAddress, Token),
            () => grains.GetGrain<IWorkerGrain>(worker).LeaveAsync(Token),
            () => grains.GetGrain<IWorkerGrain>(worker).StopAsync(Token),
            () => grains.GetGrain<IParcelRelay>(worker).DeliverAsync([1, 2, 3], Token),
            () => grains.GetGrain<IRunCatalogGrain>(0).RecordAsync(entry, Token),
            () => grains.GetGrain<IGangPlacementGrain>(0).WithdrawAsync(run.Id, Token),
            () => grains.GetGrain<ISiloSlotsGrain>(silo.SiloAddress).ReleaseAsync(run.Id, 1, Token),
            () => folders.RewindAsync(silo.Root, null, Token),
            () => folders.LeaveProbeAsync("/tmp", 1, null, Token),
            () => folders.CheckSnapshotAsync("/etc", Token),
            () => grains.GetGrain<IRunCoordinatorGrain>("run-trial").StartTrialAsync(SmallSpec(), new TrialOrigin("nobody", 1), Token),
            () => grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.FromSeconds(1)), // Orleans' own
            () => grains.GetGrain<IManagementGrain>(0).GetHosts(),
        ];

        foreach (var hole in holes)
        {
            Assert.Contains("is for the role 'silo'", (await Assert.ThrowsAsync<AccessDeniedException>(hole)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(RunPhase.Training, await PhaseAfterTheStartAsync(run));
        Assert.DoesNotContain(await client.ListRunsAsync(cancellationToken: Token), listed => listed.RunId == "run-made-up");
        await run.CancelAsync("enough", Token);
        await ClientHost.StopAsync(host);
    }

    [Fact]
    public async Task Connect_WithoutACertificate_OrOneOfAnotherAuthority_SaysWhy()
    {
        var bare = await Assert.ThrowsAsync<ClusterUnreachableException>(() => silo.ConnectAsync(new ConnectOptions()));
        Assert.Contains("a cluster with certificates wants one of its clients", bare.Message, StringComparison.Ordinal);

        var folder = Directory.CreateTempSubdirectory("lcnn-evil-");
        var evil = PrivateAuthority.Create(Path.Combine(folder.FullName, "ca"), "evil", TimeProvider.System);
        using var issued = evil.Issue(Path.Combine(folder.FullName, "silo"), "silo", Role.Silo, [], TimeSpan.FromDays(1));
        var other = await Assert.ThrowsAsync<ClusterUnreachableException>(() => silo.ConnectAsync(new ConnectOptions { TlsFolder = Path.Combine(folder.FullName, "silo") }));
        Assert.Contains("which is not one of the authorities in ca.crt", other.Message, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    /// <summary>On every port: nobody, another authority's silo, an expired silo; and an operator where only silos belong.</summary>
    [Fact]
    public async Task Strangers_OnEveryPort_GetNothing()
    {
        var folder = Directory.CreateTempSubdirectory("lcnn-evil-");
        var evil = PrivateAuthority.Create(Path.Combine(folder.FullName, "ca"), "evil", TimeProvider.System);
        evil.Issue(Path.Combine(folder.FullName, "silo"), "silo", Role.Silo, [], TimeSpan.FromDays(1)).Dispose();
        silo.Issue("expired", Role.Silo, TimeSpan.FromSeconds(-1));
        using var anothers = Load(Path.Combine(folder.FullName, "silo"));
        using var expired = Load(Path.Combine(Path.GetDirectoryName(silo.Root)!, "expired"));
        using var operators = Load(silo.Issue("operator", Role.Operate));
        var says = new byte[4096];

        foreach (var port in new[] { silo.SiloPort, silo.GatewayPort, silo.StreamPort })
        {
            Assert.Equal(0, await ClosedSilo.KnockAsync(port, anothers, says));
            Assert.Equal(0, await ClosedSilo.KnockAsync(port, expired, says));
        }

        foreach (var port in new[] { silo.SiloPort, silo.StreamPort })
        {
            Assert.Equal(0, await ClosedSilo.KnockAsync(port, null, says));
            Assert.Equal(0, await ClosedSilo.KnockAsync(port, operators, says));
        }

        Assert.Contains(silo.Log, line => line.Contains("expired on", StringComparison.Ordinal));
        Assert.Contains(silo.Log, line => line.Contains("is not for the role 'silo'", StringComparison.Ordinal));
        while (silo.Hub.Counters.Rejected(RejectReason.Certificate) + silo.Hub.Counters.Rejected(RejectReason.TimedOut) < 4)
        {
            await Task.Yield(); // the silo counts on threads of its own
            Token.ThrowIfCancellationRequested();
        }

        folder.Delete(recursive: true);
    }

    /// <summary>Whoever knocks a thousand times leaves few lines.</summary>
    [Fact]
    public async Task Refusals_AreToldOnceAWhile()
    {
        await using var viewing = await silo.ConnectAsync(Role.View);
        var run = viewing.Find("run-nobody");
        var before = silo.Log.Count;

        for (var i = 0; i < 200; i++)
        {
            await Assert.ThrowsAsync<AccessDeniedException>(() => run.CancelAsync("again", Token));
        }

        Assert.InRange(silo.Log.Count - before, 0, 20); // of what goes on beside it, too
    }

    private static async Task<RunPhase> PhaseAfterTheStartAsync(IRunHandle run)
    {
        await foreach (var next in run.WatchAsync(cancellationToken: Token))
        {
            if (next is RunStarted)
            {
                break;
            }
        }

        return (await run.GetStatusAsync(Token)).Phase;
    }

    private static X509Certificate2 Load(string folder) =>
        X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(Path.Combine(folder, TlsFolder.CertificateFile), Path.Combine(folder, TlsFolder.KeyFile)).Export(X509ContentType.Pkcs12), null);

    private static RunSpec SmallSpec() => Recipes.Default() with
    {
        Epochs = 1,
        BatchSize = 32,
        LogicalShards = 2,
        Workers = 2,
        ThreadsPerWorker = 1,
        TrainLimit = 64,
        CurvatureSamples = 0,
        Schedule = "constant",
    };

    private static SweepSpec SmallSweep() => new()
    {
        Base = SmallSpec(),
        Parameters = [ParameterSpec.OneOf("lr", 0.1)],
        MaxTrials = 1,
        MaxConcurrent = 1,
    };
}
