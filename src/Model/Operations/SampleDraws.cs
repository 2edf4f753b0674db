using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Model.Operations;

/// <summary>Where the random numbers of a shard's samples come from: they follow from the run's seed, the epoch, the sample and the layer alone, whoever computes it.</summary>
/// <param name="seed">Of the run.</param>
/// <param name="epoch">From 0.</param>
/// <param name="samples">Places of the samples in the training set, in the order of the batch.</param>
public sealed class SampleDraws(long seed, int epoch, int[] samples)
{
    private const int LayerBits = 20;

    /// <summary>Samples of the batch.</summary>
    public int Count => samples.Length;

    /// <summary>Of the start of an attack in training.</summary>
    internal RandomSource OfAttack(int sample) => RandomSource.For(seed, RandomPurpose.TrainingAttack, epoch, samples[sample]);

    /// <summary>Of a dropout layer.</summary>
    internal RandomSource Of(int sample, int layer) => RandomSource.For(seed, RandomPurpose.Dropout, ((long)epoch << LayerBits) | (long)layer, samples[sample]);
}
