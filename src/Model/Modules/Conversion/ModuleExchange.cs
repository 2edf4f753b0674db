using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>What to do with a module: the one that takes its place, or why there is none.</summary>
internal sealed record Exchanged(nn.Module? Replacement, string? Obstacle)
{
    public static Exchanged For(nn.Module replacement) => new(replacement, null);

    public static Exchanged Not(string obstacle) => new(null, obstacle);
}

/// <summary>Exchanges modules of a tree by a rule; one that stands at several places is exchanged once for all of them.</summary>
/// <param name="rule">Null for modules that are left alone.</param>
internal sealed class ModuleExchange(Func<nn.Module, Exchanged?> rule)
{
    private readonly Dictionary<nn.Module, Exchanged?> _decided = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<nn.Module> _entered = new(ReferenceEqualityComparer.Instance);

    /// <summary>Every place at which a module was exchanged.</summary>
    public List<(string Path, string From, nn.Module To)> Swapped { get; } = [];

    /// <summary>Every place at which one was not.</summary>
    public List<KeptModule> Kept { get; } = [];

    /// <summary>Goes through everything below a module but what lies below our own modules.</summary>
    public void Below(nn.Module parent, string path = "")
    {
        if (!_entered.Add(parent) || parent.GetType().Assembly == typeof(ModuleExchange).Assembly)
        {
            return;
        }

        var holder = new ModuleHolder(parent);
        foreach (var (name, child) in parent.named_children().ToArray())
        {
            Visit(holder, child, path.Length == 0 ? name : $"{path}.{name}");
        }
    }

    private void Visit(ModuleHolder holder, nn.Module child, string path)
    {
        if (!_decided.TryGetValue(child, out var decided))
        {
            decided = _decided[child] = rule(child);
            decided?.Replacement?.train(child.training);
        }

        switch (decided)
        {
            case null:
                Below(child, path);
                break;
            case { Replacement: { } replacement } when (holder.Exchange(child, replacement) ?? decided.Obstacle) is { } obstacle:
                Kept.Add(new KeptModule(path, child.GetType().Name, obstacle));
                break;
            case { Replacement: { } replacement }:
                Swapped.Add((path, child.GetType().Name, replacement));
                break;
            default:
                Kept.Add(new KeptModule(path, child.GetType().Name, decided.Obstacle!));
                break;
        }
    }
}
