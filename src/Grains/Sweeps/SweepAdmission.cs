using Lcnn.Distributed.Contracts.Cluster;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Whether a sweep can start here: what neither its spec nor its author's machine tells.</summary>
internal static class SweepAdmission
{
    /// <summary>Whether the largest trial fits into the cluster, whatever runs there now.</summary>
    public static SpecProblem? CheckSlots(SweepSpec spec, int workers, IReadOnlyList<SiloReport> silos)
    {
        var needs = RunNeeds.Of(spec.Base);
        silos = [.. silos.Where(silo => needs?.LackOf(silo) is null)];
        var slots = silos.Sum(silo => silo.Slots.Count);
        var path = spec.Parameters.Any(parameter => parameter.Name == "workers") ? "parameters.workers" : "base.workers";
        return silos.Count > 0 && workers > slots && !silos.Any(silo => silo.IsUnlimited)
            ? new SpecProblem(path, $"a trial of {workers} workers needs {workers} slots, the cluster has {slots}; start more silos or lower workers")
            : null;
    }

    /// <summary>Whether the claimed folder is of no earlier sweep; it is this one's from then on.</summary>
    public static SpecProblem? MarkFolder(string folder, string sweepId)
    {
        try
        {
            var holder = SweepMark.Mark(folder, sweepId);
            return holder == sweepId ? null : new SpecProblem("out", $"the folder '{folder}' is that of sweep {holder}; give this one another");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new SpecProblem("out", $"cannot write to the folder '{folder}': {exception.Message}");
        }
    }
}
