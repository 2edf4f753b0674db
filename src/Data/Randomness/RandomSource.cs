namespace Lcnn.Distributed.Data.Randomness;

/// <summary>What a random draw is for; the number is part of the source's key and never changes.</summary>
public enum RandomPurpose
{
    /// <summary>Initial weights, keyed by layer.</summary>
    Weights = 1,
    /// <summary>Initial singular vectors, keyed by layer.</summary>
    SingularVectors = 2,
    /// <summary>Order of the training samples, keyed by epoch.</summary>
    EpochOrder = 3,
    /// <summary>Augmentation, keyed by epoch and sample.</summary>
    Augmentation = 4,
    /// <summary>Start directions of the curvature estimate, keyed by sample.</summary>
    CurvatureDirection = 5,
    /// <summary>The fixed pass behind the fingerprint.</summary>
    Fingerprint = 6,
    /// <summary>Parameters of a sweep's trials, keyed by trial and parameter.</summary>
    TrialParameters = 7,
    /// <summary>Which samples of a set without a test set are for testing, keyed by class.</summary>
    TestSplit = 8,
    /// <summary>Numbers that a dropout layer leaves out, keyed by epoch and layer, and by sample.</summary>
    Dropout = 9,
    /// <summary>Where the search for an adversarial example begins in training, keyed by epoch and sample.</summary>
    TrainingAttack = 10,
    /// <summary>Starts and proposals of attacks, keyed by attack and restart, and by sample.</summary>
    Attack = 20,
    /// <summary>Noise under which gradients are compared, keyed by draw and sample.</summary>
    StabilityNoise = 21,
    /// <summary>Points of two moons, keyed by point.</summary>
    TwoMoons = 22,
}

/// <summary>A source of random numbers that follows from (seed, purpose, two keys) alone: SplitMix64 on a mixed key.</summary>
/// <remarks>libtorch's default generator is shared by all threads; these sources make every draw independent of who draws when.</remarks>
public struct RandomSource
{
    private ulong _state;

    private RandomSource(ulong state) => _state = state;

    /// <summary>The source of one purpose under a seed.</summary>
    public static RandomSource For(long seed, RandomPurpose purpose, long key = 0, long subkey = 0)
    {
        var state = Mix((ulong)seed);
        state = Mix(state ^ ((ulong)purpose * 0x9E3779B97F4A7C15));
        state = Mix(state + ((ulong)key * 0xD1B54A32D192ED03));
        return new RandomSource(Mix(state + ((ulong)subkey * 0x8CB92BA72F3D8DD7)));
    }

    /// <summary>64 random bits.</summary>
    public ulong NextUInt64() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 .. <paramref name="exclusiveMaximum"/>-1, without bias (Lemire's rejection).</summary>
    public int NextInt(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);
        var range = (uint)exclusiveMaximum;
        var threshold = (0u - range) % range;
        while (true)
        {
            var product = (NextUInt64() >> 32) * range;
            if ((uint)product >= threshold)
            {
                return (int)(product >> 32);
            }
        }
    }

    /// <summary>Standard normal (Box-Muller).</summary>
    public double NextNormal() =>
        Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
