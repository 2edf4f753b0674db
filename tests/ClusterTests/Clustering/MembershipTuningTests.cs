using Lcnn.Distributed.Silo.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Lcnn.Distributed.ClusterTests.Clustering;

/// <summary>Silos without anything but the tuned membership.</summary>
public sealed class MembershipTuningTests : IAsyncLifetime
{
    private const short Silos = 4;

    private readonly FailingProber _prober = FailingProber.Create();
    private InProcessTestCluster _cluster = null!;
    private int _siloCount;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(Silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.PostConfigure<ClusterMembershipOptions>(MembershipTuning.Apply);
            if (Interlocked.Increment(ref _siloCount) == 1)
            {
                // The sick one: it hears nobody, be it probed itself or not.
                silo.Services.Replace(ServiceDescriptor.Singleton(FailingProber.Service, _prober));
                silo.Services.PostConfigure<ClusterMembershipOptions>(membership => membership.EnableConnectionLivenessCheck = false);
            }
        });
        builder.ConfigureSiloHost((_, host) => host.Logging.SetMinimumLevel(LogLevel.None));
        _cluster = builder.Build();
        await _cluster.DeployAsync(Token);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Silo_ThatIsSickItself_EvictsNobody()
    {
        var membership = _cluster.Silos[^1].ServiceProvider.GetRequiredService<IClusterMembershipService>();
        var silos = _cluster.Silos.Select(silo => silo.SiloAddress).ToList();

        _prober.FallSick(targets: Silos - 1);
        await Task.WhenAny(_prober.MissedEnough, AnyIsDeadAsync(membership, silos)).WaitAsync(RunWatch.Patience, Token);

        Assert.All(silos, silo => Assert.Equal(SiloStatus.Active, membership.CurrentSnapshot.GetSiloStatus(silo)));
    }

    private static async Task AnyIsDeadAsync(IClusterMembershipService membership, List<SiloAddress> silos)
    {
        await foreach (var update in membership.MembershipUpdates.WithCancellation(Token))
        {
            if (silos.Exists(silo => update.GetSiloStatus(silo) == SiloStatus.Dead))
            {
                return;
            }
        }
    }
}
