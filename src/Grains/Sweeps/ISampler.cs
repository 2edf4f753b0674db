using Lcnn.Distributed.Contracts.Sweeps;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>Chooses the parameters of trials. Holds no state but the sweep's spec: the same arguments give the same parameters.</summary>
public interface ISampler
{
    /// <summary>Trials there are to choose; null when there is no end.</summary>
    int? TrialCount { get; }

    /// <summary>Whether everything is known that the parameters of a trial follow from.</summary>
    /// <param name="number">The trial's number.</param>
    /// <param name="finished">Trials from the first on that are finished without another between them.</param>
    bool IsReady(int number, int finished);

    /// <summary>The parameters of a trial that <see cref="IsReady"/>.</summary>
    /// <param name="draw">Its place among the trials that the sampler chooses, from 1.</param>
    /// <param name="trials">All trials so far, by number.</param>
    ParameterSet Sample(int number, int draw, IReadOnlyList<TrialEntry> trials);
}

/// <summary>The samplers by name.</summary>
public static class Samplers
{
    /// <summary>The sampler of a valid spec.</summary>
    public static ISampler Create(SweepSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var space = new SearchSpace(spec.Parameters);
        return spec.Sampler.Kind switch
        {
            "grid" or "list" => new ListSampler(spec.KnownTrials()!),
            "random" => new RandomSampler(space, spec.SamplerSeed()),
            "tpe" => new TpeSampler(space, spec),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Sampler.Kind, $"expected one of {string.Join(", ", SweepNames.Samplers)}"),
        };
    }
}
