using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Grains.Collectives;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Workers;

/// <summary>Measures curvature on the first test samples, in rounds in which every rank takes as many batches as it has threads.</summary>
internal sealed class CurvaturePhase(WorkerReplica replica, RankChannel channel, ReportPump reports, ComputeThreads threads, TimeProvider clock)
{
    /// <summary>Every sample's curvature, in file order, on the leading rank; empty elsewhere or when none is wanted.</summary>
    /// <param name="layers">Evaluation parameters of every layer.</param>
    public IReadOnlyList<SampleCurvature> Measure(IReadOnlyList<PreparedLayer> layers)
    {
        var spec = replica.Spec;
        var wanted = Math.Min(spec.CurvatureSamples, replica.Test.Count);
        if (wanted == 0)
        {
            return [];
        }

        channel.Activity.Enter("measure curvature", replica.TotalSteps);
        return Measure(new CurvatureMeasurement(wanted, spec.CurvatureIterations, spec.Seed), layers);
    }

    private List<SampleCurvature> Measure(CurvatureMeasurement measurement, IReadOnlyList<PreparedLayer> layers)
    {
        var measured = new List<SampleCurvature>();
        var progress = new PhaseProgress(clock, done => Report(done, measurement.Samples));
        var perRound = channel.WorldSize * threads.Count;
        for (var round = 0; round * perRound < measurement.Batches; round++)
        {
            progress.Begin(measured.Count, measurement.SamplesBefore((round + 1) * perRound), threads.Count * measurement.Iterations);
            Measure(measurement, layers, (round * perRound) + (channel.Rank * threads.Count), round, channel.Leads ? progress.Advance : () => { });
            if (channel.Leads)
            {
                measured.AddRange(channel.Gather<CurvatureParcel>(KeyOf(round)).SelectMany(parcel => parcel.Samples));
                Report(measured.Count, measurement.Samples);
            }
        }

        return measured;
    }

    private void Report(int samples, int totalSamples)
    {
        var progress = new CurvatureProgressed { Samples = samples, TotalSamples = totalSamples };
        reports.Post((coordinator, generation) => coordinator.ReportCurvatureAsync(generation, progress, CancellationToken.None));
    }

    private void Measure(CurvatureMeasurement measurement, IReadOnlyList<PreparedLayer> layers, int firstBatch, int round, Action advanced)
    {
        var count = Math.Clamp(measurement.Batches - firstBatch, 0, threads.Count);
        var results = new IReadOnlyList<SampleCurvature>[count];
        threads.Run(count, i => results[i] = measurement.Measure(replica.Network, layers, replica.Test, firstBatch + i, () =>
        {
            channel.Activity.Advance();
            advanced();
        }));
        channel.Send(0, KeyOf(round), new CurvatureParcel([.. results.SelectMany(samples => samples)]));
    }

    private ParcelKey KeyOf(int round) => new(ParcelKind.Curvature, replica.TotalSteps, round);
}
