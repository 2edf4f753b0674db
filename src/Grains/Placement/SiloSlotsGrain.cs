using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Grains.Programs;
using Orleans.Placement;

namespace Lcnn.Distributed.Grains.Placement;

/// <summary>Lets the cluster at the <see cref="SlotLedger"/> of one silo.</summary>
[KeepAlive, Immovable, SiloPlacement]
internal sealed class SiloSlotsGrain(SlotLedger ledger, SiloProgram program, ILocalSiloDetails silo) : Grain, ISiloSlotsGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!GrainKeys.TryGetSilo(this.GetPrimaryKeyString(), out var own) || !own.Equals(silo.SiloAddress))
        {
            throw new InvalidOperationException($"The slots of silo {this.GetPrimaryKeyString()} cannot be kept by silo {silo.SiloAddress}");
        }

        return Task.Run(ledger.Report, cancellationToken); // the first look at the devices may load libtorch
    }

    public Task<SiloReport> GetAsync(CancellationToken cancellationToken) => Task.FromResult(new SiloReport
    {
        Silo = silo.SiloAddress.ToParsableString(),
        Name = silo.Name,
        ProcessId = Environment.ProcessId,
        IsDraining = ledger.IsDraining,
        IsUnlimited = ledger.IsUnlimited,
        Slots = ledger.Report(),
        Offer = program.Offer,
    });

    public Task<SiloProgramReport> GetProgramAsync(CancellationToken cancellationToken) => Task.FromResult(program.Report);

    public Task<IReadOnlyList<DeviceSlot>?> ReserveAsync(IReadOnlyList<SlotHolder> holders, CancellationToken cancellationToken) =>
        Task.FromResult(ledger.Reserve(holders));

    public Task ReleaseAsync(string runId, int generation, CancellationToken cancellationToken)
    {
        ledger.Release(runId, generation);
        return Task.CompletedTask;
    }
}
