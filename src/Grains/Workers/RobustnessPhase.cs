using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Grains.Robustness;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Attacks, certifies and tries under noise the first test samples: the plan's parts are dealt out, each rank measures its hand on its threads.</summary>
/// <remarks>
/// A part's samples never depend on who measures it, and the leading rank puts outcomes into the plan's order: any number of ranks gives the same figures.
/// Nobody waits for anybody until the own hand is done. Ranks that certify, and the leading one, which tells of it, bound the network each for itself: the bound follows
/// from the weights alone.
/// </remarks>
internal sealed class RobustnessPhase(
    WorkerReplica replica, RankChannel channel, ReportPump reports, ComputeThreads threads, TimeProvider clock, CancellationToken cancellationToken)
{
    private const int Scale = 10_000; // of shares of the work, as whole numbers

    private readonly RobustnessPlan _plan = replica.Robustness;
    private readonly Dictionary<RobustnessPart, int> _numbers = replica.Robustness.Parts.Index().ToDictionary(part => part.Item, part => part.Index);

    private int Classes => replica.Network.Classes;

    /// <summary>The figures, on the leading rank; null elsewhere or when none are wanted.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    /// <param name="curvature">Of the first samples, on the leading rank.</param>
    public RobustnessFigures? Measure(IReadOnlyList<PreparedLayer> layers, IReadOnlyList<SampleCurvature> curvature)
    {
        if (_plan.Parts.Count == 0)
        {
            return null;
        }

        var hands = _plan.Deal(channel.WorldSize, Classes);
        var own = hands[channel.Rank];
        using var subject = Bound(own, layers);
        channel.Activity.Enter("measure robustness", replica.TotalSteps);
        Measure(subject, own);
        if (!channel.Leads)
        {
            return null;
        }

        return RobustnessSummary.Of(_plan, subject, RobustnessResults.Of(_plan, Gather(hands)), Classes, curvature);
    }

    private RobustnessSubject Bound(IReadOnlyList<RobustnessPart> own, IReadOnlyList<PreparedLayer> layers)
    {
        channel.Activity.Enter("bound the network", replica.TotalSteps);
        var certifies = channel.Leads || own.Any(part => part.Kind == RobustnessKind.Certificate);
        return new RobustnessSubject(certifies ? _plan : _plan with { CertifiedSamples = 0 }, replica.Network, layers, replica.Test, Live);
    }

    private void Measure(RobustnessSubject subject, IReadOnlyList<RobustnessPart> own)
    {
        var progress = new PhaseProgress(clock, Report);
        if (channel.Leads)
        {
            Report(0);
        }

        progress.Begin(0, Scale, own.Sum(part => _plan.MostWork(part, Classes)));
        threads.Run(own.Count, i => channel.Send(RankChannel.LeadingRank, KeyOf(own[i]), new RobustnessParcel(subject.Measure(own[i], work =>
        {
            Live();
            if (channel.Leads)
            {
                progress.Advance(work);
            }
        }))));
    }

    // A part or a bound may take minutes.
    private void Live()
    {
        cancellationToken.ThrowIfCancellationRequested();
        channel.Activity.Advance();
    }

    // In the order in which each rank began them.
    private List<RobustnessOutcome> Gather(IReadOnlyList<IReadOnlyList<RobustnessPart>> hands)
    {
        var outcomes = new List<RobustnessOutcome>();
        for (var rank = 0; rank < hands.Count; rank++)
        {
            foreach (var part in hands[rank])
            {
                outcomes.Add(channel.Receive<RobustnessParcel>(rank, KeyOf(part)).Outcome);
            }
        }

        Report(Scale);
        return outcomes;
    }

    private void Report(int done)
    {
        var (share, samples) = ((double)done / Scale, Math.Max(_plan.AttackSamples, Math.Max(_plan.CertifiedSamples, _plan.NoisySamples)));
        var progress = new RobustnessProgressed { Share = share, Samples = (int)(samples * share), TotalSamples = samples };
        reports.Post((coordinator, generation) => coordinator.ReportRobustnessAsync(generation, progress, CancellationToken.None));
    }

    private ParcelKey KeyOf(RobustnessPart part) => new(ParcelKind.Robustness, replica.TotalSteps, _numbers[part]);
}
