using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>The names a <see cref="RunSpec"/> may use; a test holds them equal to what the silo implements.</summary>
public static class Names
{
    /// <summary>Data sets that <see cref="RunSpec.Dataset"/> may name.</summary>
    public static IReadOnlyList<string> Datasets { get; } = DataSetNames.All;

    /// <summary>Networks that <see cref="RunSpec.Architecture"/> may name.</summary>
    public static IReadOnlyList<string> Architectures => NetworkCatalog.Names;

    /// <summary>Recipes of <see cref="Recipes"/>.</summary>
    public static IReadOnlyList<string> Presets { get; } = ["default", "reference", "paper"];

    /// <summary>Objectives that <see cref="RunSpec.Loss"/> may name.</summary>
    public static IReadOnlyList<string> Losses { get; } = ["ce", "gradnorm", "curvature", "curvature+gradnorm", "cure", "curvature+cure", "adversarial", "curvature+adversarial"];

    /// <summary>Methods of <see cref="TrainingMethods"/>.</summary>
    public static IReadOnlyList<string> Methods { get; } = [.. TrainingMethods.All.Select(method => method.Name)];

    /// <summary>How adversarial training finds its examples: <see cref="RunSpec.Attack"/>.</summary>
    public static IReadOnlyList<string> Attacks { get; } = ["authors", "standard"];

    /// <summary>What may take the steps: <see cref="RunSpec.Optimizer"/>.</summary>
    public static IReadOnlyList<string> Optimizers { get; } = ["sgd", "adamw"];

    /// <summary>Schedules of the learning rate that <see cref="RunSpec.Schedule"/> may name.</summary>
    public static IReadOnlyList<string> Schedules { get; } = ["multistep", "cosine", "constant"];

    /// <summary>Grids of the convolution's power method.</summary>
    public static IReadOnlyList<string> SpectralGrids { get; } = ["reference", "true"];

    /// <summary>How much the first batches count in the running statistics of batch norms.</summary>
    public static IReadOnlyList<string> RunningStatistics { get; } = ["reference", "warm"];

    /// <summary>Whose statistics batch norms take: those of the whole global batch, the same for any number of shards, or of each shard.</summary>
    public static IReadOnlyList<string> BatchNorms { get; } = ["global", "shard"];

    /// <summary>Ways for gradients from one rank to another.</summary>
    public static IReadOnlyList<string> Transports { get; } = ["auto", "memory", "stream", "grain"];

    /// <summary>Whether <see cref="RunSpec.Dataset"/> is the path of images of one's own: it has a slash in it.</summary>
    public static bool IsDatasetPath(string dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return DataSetNames.IsPath(dataset);
    }

    /// <summary>What a data set is called where a path would be too long or tell too much: its name, or the last part of its path.</summary>
    public static string DatasetTitle(string dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return dataset.Split('/', '\\').LastOrDefault(part => part.Length > 0) ?? "images";
    }

    /// <summary>Whether the network has learnable betas and gammas, which the curvature losses need.</summary>
    public static bool IsLowCurvature(string architecture) => NetworkCatalog.Find(architecture) is { HasPenalties: true };

    /// <summary>The known name closest to a mistyped one, or null when none is close.</summary>
    public static string? Closest(string name, IReadOnlyList<string> known) => Spelling.Closest(name, known);
}
