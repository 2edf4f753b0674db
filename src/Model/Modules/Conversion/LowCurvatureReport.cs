namespace Lcnn.Distributed.Model.Modules.Conversion;

/// <summary>A module that took another's place.</summary>
/// <param name="Path">Where, as in the state dict.</param>
/// <param name="From">What stood there.</param>
/// <param name="To">What stands there now.</param>
/// <param name="Remark">What did not come along, or null.</param>
public sealed record SwappedModule(string Path, string From, string To, string? Remark);

/// <summary>What stayed as it was although it bends the network, or may.</summary>
/// <param name="Path">Where, as in the state dict, or the name of a type whose code calls it.</param>
/// <param name="What">The module's type or the function's name.</param>
/// <param name="Reason">Why, and what to do.</param>
public sealed record KeptModule(string Path, string What, string Reason);

/// <summary>What a conversion did.</summary>
/// <param name="Swapped">In the order of the tree.</param>
/// <param name="Kept">Modules first, then calls in code.</param>
public sealed record LowCurvatureReport(IReadOnlyList<SwappedModule> Swapped, IReadOnlyList<KeptModule> Kept)
{
    /// <summary>One line each.</summary>
    public override string ToString() => string.Join('\n',
    [
        .. Swapped.Select(swapped => $"{swapped.Path}: {swapped.From} -> {swapped.To}{(swapped.Remark is null ? "" : $" ({swapped.Remark})")}"),
        .. Kept.Select(kept => $"{kept.Path}: {kept.What} kept: {kept.Reason}"),
    ]);
}
