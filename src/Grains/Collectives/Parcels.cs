using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Model.Curvature;
using Lcnn.Distributed.Model.Evaluation;
using Lcnn.Distributed.Model.Layers;
using Lcnn.Distributed.Model.Numerics;
using Lcnn.Distributed.Model.Operations;
using Lcnn.Distributed.Model.Robustness;
using Lcnn.Distributed.Model.Training;

namespace Lcnn.Distributed.Grains.Collectives;

/// <summary>Something one rank hands to another. The receiver holds it alone and disposes what is disposable.</summary>
/// <remarks>Lists are walked by index: an enumerator or a query on each would be garbage of every step.</remarks>
internal abstract record Parcel : IDisposable
{
    /// <summary>Payload bytes, for the accounts of the transport.</summary>
    public abstract long ByteCount { get; }

    /// <summary>What a receiver in the same process gets when the sender keeps its own.</summary>
    public virtual Parcel Share() => this;

    /// <summary>As <see cref="Share"/>, for bytes on a wire: tensors lie in the processor's memory.</summary>
    public virtual Parcel ShareForWire() => Share();

    /// <summary>Gives back the memory of tensors.</summary>
    public void Dispose() => Release();

    protected virtual void Release()
    {
    }
}

/// <summary>Phase 1 of a step: one owner's layers for all ranks.</summary>
/// <param name="StopRequested">From the leading rank: end before this step. Being part of the step, it reaches every rank at the same point.</param>
/// <param name="Layers">By layer index.</param>
internal sealed record PreparedParcel(bool StopRequested, IReadOnlyList<KeyValuePair<int, PreparedLayer>> Layers) : Parcel
{
    private PreparedParcel? _onProcessor;

    public override long ByteCount
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < Layers.Count; i++)
            {
                bytes += Layers[i].Value.ByteCount;
            }

            return bytes;
        }
    }

    public override Parcel Share() => ShareAll();

    /// <inheritdoc/>
    /// <remarks>From another device they are copied once for all destinations.</remarks>
    public override Parcel ShareForWire() => (_onProcessor ??= OnProcessor()).ShareAll();

    protected override void Release()
    {
        for (var i = 0; i < Layers.Count; i++)
        {
            Layers[i].Value.Dispose();
        }

        if (_onProcessor != this)
        {
            _onProcessor?.Dispose();
        }
    }

    private PreparedParcel ShareAll() =>
        new(StopRequested, [.. Layers.Select(layer => KeyValuePair.Create(layer.Key, layer.Value.Share()))]);

    private PreparedParcel OnProcessor()
    {
        if (Layers.All(layer => layer.Value.Device.IsCpu))
        {
            return this;
        }

        var copies = PreparedLayer.On(ComputeDevice.Cpu, [.. Layers.Select(layer => layer.Value.Share())]);
        return new(StopRequested, [.. Layers.Select((layer, i) => KeyValuePair.Create(layer.Key, copies[i]))]);
    }
}

/// <summary>End of phase 2: a rank's sums for one owner's layers, one set for each maximal subtree of its shards.</summary>
/// <param name="Subtrees">Layers by index, in the owner's order.</param>
internal sealed record GradientParcel(IReadOnlyList<KeyValuePair<TreeNode, SubtreeSum>> Subtrees) : Parcel
{
    public override long ByteCount
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < Subtrees.Count; i++)
            {
                bytes += Subtrees[i].Value.ByteCount;
            }

            return bytes;
        }
    }

    public override Parcel ShareForWire() => new GradientParcel([.. Subtrees.Select(subtree => KeyValuePair.Create(
        subtree.Key,
        subtree.Value.On(ComputeDevice.Cpu)))]);

    protected override void Release()
    {
        for (var i = 0; i < Subtrees.Count; i++)
        {
            Subtrees[i].Value.Dispose();
        }
    }
}

/// <summary>Sums over the shards of one subtree.</summary>
internal sealed record SubtreeSum(IReadOnlyList<KeyValuePair<int, LayerGradient>> Layers, BatchTerms Terms) : IDisposable
{
    /// <summary>left + right of the same layers; uses up both.</summary>
    public static SubtreeSum Combine(SubtreeSum left, SubtreeSum right) => new(
        [.. left.Layers.Zip(right.Layers, (one, other) => KeyValuePair.Create(one.Key, LayerGradient.Combine(one.Value, other.Value)))],
        left.Terms + right.Terms);

    /// <summary>The sum on a device; gives up this one if it lies elsewhere.</summary>
    public SubtreeSum On(ComputeDevice device) => this with { Layers = [.. Layers.Select(layer => KeyValuePair.Create(layer.Key, layer.Value.On(device)))] };

    public long ByteCount
    {
        get
        {
            var bytes = 0L;
            for (var i = 0; i < Layers.Count; i++)
            {
                bytes += Layers[i].Value.ByteCount;
            }

            return bytes;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (var i = 0; i < Layers.Count; i++)
        {
            Layers[i].Value.Dispose();
        }
    }
}

/// <summary>What one rank gives to the sums of the batch norms that halt together, one set for each maximal subtree of its shards.</summary>
internal sealed record NormSharesParcel(IReadOnlyList<KeyValuePair<TreeNode, NormShare[]>> Subtrees) : Parcel
{
    public override long ByteCount => Subtrees.Sum(subtree => subtree.Value.Sum(share => share.ByteCount));
}

/// <summary>The squared norms of one owner's raw gradients.</summary>
/// <param name="Squares">By layer index.</param>
internal sealed record GradientNormsParcel(IReadOnlyList<KeyValuePair<int, double>> Squares) : Parcel
{
    public override long ByteCount => Squares.Count * 12L;
}

/// <summary>One rank's scores, batch by batch.</summary>
internal sealed record ScoresParcel(IReadOnlyList<BatchScore> Batches) : Parcel
{
    public override long ByteCount => Batches.Count * 16L;
}

/// <summary>One owner's layers as checkpoint tensors.</summary>
internal sealed record StateParcel(IReadOnlyList<SafeTensor> Model, IReadOnlyList<SafeTensor> Optimizer) : Parcel
{
    public override long ByteCount => Model.Concat(Optimizer).Sum(tensor => (long)tensor.Data.Length);
}

/// <summary>The curvature of one batch of samples.</summary>
internal sealed record CurvatureParcel(IReadOnlyList<SampleCurvature> Samples) : Parcel
{
    public override long ByteCount => Samples.Count * 40L;
}

/// <summary>What attacks, certificates or noise gave on one batch of samples.</summary>
internal sealed record RobustnessParcel(RobustnessOutcome Outcome) : Parcel
{
    public override long ByteCount => (Outcome.Attacks.Sum(samples => samples.Count) * 19L) + (Outcome.Certificates.Count * 49L) + (Outcome.Noise.Count * 32L);
}
