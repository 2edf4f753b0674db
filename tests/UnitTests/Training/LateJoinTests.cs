using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Checkpoints;
using Lcnn.Distributed.Model.Diagnostics;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Training;
using static TorchSharp.torch;

namespace Lcnn.Distributed.UnitTests.Training;

/// <summary>What a worker does when it joins, beside one that trains in the same process.</summary>
[Collection(nameof(TensorCount))]
public sealed class LateJoinTests
{
    private const int Steps = 12;

    [Fact]
    public void Join_ThreadsThatBeginLater_HaveOneIntraOpThread()
    {
        OnAThread(() => set_num_threads(3)); // the default of a process with three cores

        Join();

        var later = 0;
        OnAThread(() => later = get_num_threads());
        Assert.Equal(1, later);
    }

    [Fact]
    public void Join_WhileAnotherTrains_ChangesNoBit()
    {
        var expected = "";
        OnAThread(() => expected = Train(() => { }));
        OnAThread(() => set_num_threads(3));
        var actual = "";

        using var joins = new Barrier(2);
        var joining = new Thread(() =>
        {
            for (var step = 0; step < Steps; step++)
            {
                Meet(joins);
                Join();
            }
        })
        { IsBackground = true };
        joining.Start();
        OnAThread(() => actual = Train(() => Meet(joins)));
        joining.Join();

        Assert.Equal(expected, actual);
    }

    private static void Meet(Barrier barrier) => Assert.True(barrier.SignalAndWait(TimeSpan.FromMinutes(1)));

    private static void Join()
    {
        NumericalFingerprint.Measure("cpu");
        new OwnedLayers(Architectures.Build("resnet8-lcnn", new ImageShape(1, 8, 8), 10), [0, 1, 2], seed: 5).Dispose();
    }

    // New threads at every step, as a worker of a later generation would bring.
    private static string Train(Action beforeStep)
    {
        using var claimed = new ComputeThreads(1, "trains");
        var network = SmallNetwork.Build();
        using var trainer = new LocalTrainer(network, network.Initialize(seed: 7), SmallNetwork.Objective);
        for (var step = 0; step < Steps; step++)
        {
            beforeStep();
            using var threads = new ComputeThreads(3, "trains");
            threads.Run(1, _ =>
            {
                var (images, labels) = SmallNetwork.Batch(32, Precision.Full, (ulong)step);
                trainer.Step(images, labels, SmallNetwork.Options, shards: 2);
                images.Dispose();
                labels.Dispose();
            });
        }

        return WeightsHash.Compute(NetworkState.Export(trainer.States));
    }

    private static void OnAThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(action));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
