using System.Numerics;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Checks a <see cref="RunSpec"/> without a data set at hand; sizes that need one are checked by the silo.</summary>
internal static class RunSpecValidator
{
    private const int MaxShards = 1024;
    private const int SomeClasses = 10; // the data set knows them

    public static IReadOnlyList<SpecProblem> Validate(RunSpec spec, KnownNames names)
    {
        var problems = new List<SpecProblem>();

        if ((spec.Dataset is null || !Names.IsDatasetPath(spec.Dataset)) && !names.Takes(spec.Dataset, names.AllDatasets))
        {
            Known(nameof(RunSpec.Dataset), "data set", spec.Dataset, names.AllDatasets);
        }

        AsPath(nameof(RunSpec.Dataset), spec.Dataset);
        var network = CheckNetwork();
        Known(nameof(RunSpec.Preset), "preset", spec.Preset, Names.Presets);
        if (spec.Loss != Recipes.OpenLoss || spec.Network is not null || KnownNames.BuiltIn.FindNetwork(spec.Architecture) is not null)
        {
            Known(nameof(RunSpec.Loss), "loss", spec.Loss, Names.Losses);
        }

        if (spec.Method is not null)
        {
            Known(nameof(RunSpec.Method), "method", spec.Method, Names.Methods);
        }

        Known(nameof(RunSpec.Attack), "attack", spec.Attack, Names.Attacks);
        Known(nameof(RunSpec.Optimizer), "optimizer", spec.Optimizer, Names.Optimizers);
        Known(nameof(RunSpec.Schedule), "schedule", spec.Schedule, Names.Schedules);
        Known(nameof(RunSpec.SpectralGrid), "spectral grid", spec.SpectralGrid, Names.SpectralGrids);
        Known(nameof(RunSpec.BatchNorm), "batch norm", spec.BatchNorm, Names.BatchNorms);
        Known(nameof(RunSpec.RunningStatistics), "start of the running statistics", spec.RunningStatistics, Names.RunningStatistics);

        Known(nameof(RunSpec.Transport), "transport", spec.Transport, Names.Transports);

        AsPath(nameof(RunSpec.DataDirectory), spec.DataDirectory);
        AsPath(nameof(RunSpec.OutputDirectory), spec.OutputDirectory);
        AsPath(nameof(RunSpec.ResumeFrom), spec.ResumeFrom);

        AtLeast(nameof(RunSpec.SnapshotEvery), spec.SnapshotEvery, 0);
        AtLeast(nameof(RunSpec.KeepSnapshots), spec.KeepSnapshots, 2);
        AtLeast(nameof(RunSpec.Epochs), spec.Epochs, 1);
        AtLeast(nameof(RunSpec.ScheduleEpochs), spec.ScheduleEpochs, 0);
        AtLeast(nameof(RunSpec.WarmupEpochs), spec.WarmupEpochs, 0);
        AtLeast(nameof(RunSpec.PauseAfterEpoch), spec.PauseAfterEpoch, 0);
        AtLeast(nameof(RunSpec.Workers), spec.Workers, 1);
        AtLeast(nameof(RunSpec.ThreadsPerWorker), spec.ThreadsPerWorker, 0);
        AtLeast(nameof(RunSpec.TrainLimit), spec.TrainLimit, 0);
        AtLeast(nameof(RunSpec.TestLimit), spec.TestLimit, 0);
        AtLeast(nameof(RunSpec.CurvatureSamples), spec.CurvatureSamples, 0);
        AtLeast(nameof(RunSpec.CurvatureIterations), spec.CurvatureIterations, 1);

        Within(nameof(RunSpec.LearningRate), spec.LearningRate, 0, 1e3, openAtMinimum: true);
        Within(nameof(RunSpec.Momentum), spec.Momentum, 0, 0.9999);
        Within(nameof(RunSpec.WeightDecay), spec.WeightDecay, 0, 1e3);
        Within(nameof(RunSpec.BetaWeight), spec.BetaWeight, 0, 1e6);
        Within(nameof(RunSpec.GammaWeight), spec.GammaWeight, 0, 1e6);
        Within(nameof(RunSpec.GradientNormWeight), spec.GradientNormWeight, 0, 1e6);
        Within(nameof(RunSpec.AttackRadius), spec.AttackRadius, 0, 1e3, openAtMinimum: true);
        Within(nameof(RunSpec.AttackStepSize), spec.AttackStepSize, 0, 1e3);
        Within(nameof(RunSpec.AttackSteps), spec.AttackSteps, 0, RunSpecOptions.MaxAttackSteps);
        Within(nameof(RunSpec.Epsilon), spec.Epsilon, 0, 1);
        Within(nameof(RunSpec.ClipGradientNorm), spec.ClipGradientNorm, 0, 1e6);
        Within(nameof(RunSpec.EmaDecay), spec.EmaDecay, 0, 0.999999);
        Within(nameof(RunSpec.BucketMegabytes), spec.BucketMegabytes, 0, 1e6, openAtMinimum: true);

        problems.AddRange(OptimizerValidator.Validate(spec));
        problems.AddRange(EvaluationValidator.Validate(spec));

        var shards = spec.LogicalShards;
        if (shards < 1 || shards > MaxShards || !BitOperations.IsPow2(shards))
        {
            Add(nameof(RunSpec.LogicalShards), $"expected a power of two from 1 to {MaxShards}, got {shards}");
        }
        else
        {
            if (spec.Workers > shards)
            {
                Add(nameof(RunSpec.Workers), $"expected at most one worker per logical shard ({shards}), got {spec.Workers}; raise the shards or lower the workers");
            }

            if (spec.BatchSize < 2 * shards)
            {
                Add(nameof(RunSpec.BatchSize), $"expected at least {2 * shards} (two samples for each of {shards} shards), got {spec.BatchSize}");
            }
        }

        if (spec.TrainLimit is > 0 && spec.TrainLimit < 2 * Math.Max(1, shards))
        {
            Add(nameof(RunSpec.TrainLimit), $"expected 0 (all) or at least {2 * Math.Max(1, shards)} (two samples for each of {shards} shards), got {spec.TrainLimit}");
        }

        if (network is { HasPenalties: false } && spec.Loss?.StartsWith("curvature", StringComparison.Ordinal) == true)
        {
            var lcnn = spec.Network is null ? $"{spec.Architecture.Replace("-relu", "", StringComparison.Ordinal)}-lcnn" : "'style: lcnn'";
            Add(nameof(RunSpec.Loss), $"'{spec.Loss}' needs the learnable betas and gammas of an LCNN, which {spec.Architecture} does not have; use 'ce', 'gradnorm' or {lcnn}");
        }

        problems.AddRange(ImageSpecValidator.Validate(spec));
        return problems;

        // The network; null where it is refused.
        NetworkDescription? CheckNetwork()
        {
            if (spec.Network is null)
            {
                if (!names.Takes(spec.Architecture, names.AllNetworks))
                {
                    Known(nameof(RunSpec.Architecture), "architecture", spec.Architecture, names.AllNetworks);
                }

                return names.FindNetwork(spec.Architecture) is { } known && CheckSizes(known) ? known : null;
            }

            var (described, refused) = NetworkReader.Read(spec.Network, names.Kinds);
            foreach (var problem in refused)
            {
                Add(nameof(RunSpec.Network), $"{problem}");
            }

            if (described is not null && described.Name != spec.Architecture)
            {
                Add(nameof(RunSpec.Architecture), $"expected '{described.Name}', the name of the run's own network, got '{spec.Architecture}'");
            }

            if (described is not null && NetworkCatalog.Find(described.Name) is { } builtIn && builtIn.ToJson() != described.ToJson())
            {
                Add(nameof(RunSpec.Network), $"'{described.Name}' is the name of a built-in network; give your own another");
            }

            return described is not null && CheckSizes(described) ? described : null;
        }

        bool CheckSizes(NetworkDescription described)
        {
            try
            {
                var sizes = NetworkSizes.Parse(spec.NetworkParameters ?? "");
                var (_, refused) = NetworkPlan.Of(described, sizes, classes: SomeClasses, names.Kinds);
                foreach (var problem in refused)
                {
                    Add(problem.Path.StartsWith("parameters.", StringComparison.Ordinal) ? nameof(RunSpec.NetworkParameters) : nameof(RunSpec.Network), $"{problem}");
                }

                return refused.Count == 0;
            }
            catch (FormatException exception)
            {
                Add(nameof(RunSpec.NetworkParameters), exception.Message);
                return false;
            }
        }

        void Add(string field, string message) => problems.Add(new SpecProblem(field, message));

        void Known(string field, string what, string? value, IReadOnlyList<string> known)
        {
            if (value is null || !known.Contains(value))
            {
                Add(field, Spelling.Unknown(what, value, known));
            }
        }

        void AsPath(string field, string? value)
        {
            if (value?.Contains('\0') == true)
            {
                Add(field, "expected a path, got a text with a zero byte");
            }
        }

        void AtLeast(string field, int value, int minimum)
        {
            if (value < minimum)
            {
                Add(field, $"expected at least {minimum}, got {value}");
            }
        }

        void Within(string field, double value, double minimum, double maximum, bool openAtMinimum = false)
        {
            // Written so that NaN fails every comparison and is refused.
            if (!(value <= maximum && (openAtMinimum ? value > minimum : value >= minimum)))
            {
                var bound = openAtMinimum ? "above" : "from";
                Add(field, string.Create(NumberText.Plain, $"expected a number {bound} {minimum} up to {maximum}, got {value}"));
            }
        }
    }
}
