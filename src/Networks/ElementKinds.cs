namespace Lcnn.Distributed.Networks;

/// <summary>The kinds of entries that a description may have: the built-in ones, and those that a program adds (operations of its own).</summary>
public sealed class ElementKinds
{
    private readonly Dictionary<string, ElementKind> _byName;

    private ElementKinds(IReadOnlyList<ElementKind> all, bool takesOthers)
    {
        (All, TakesOthers) = (all, takesOthers);
        _byName = all.ToDictionary(kind => kind.Name);
    }

    /// <summary>The built-in kinds alone.</summary>
    public static ElementKinds BuiltIn { get; } = new(ElementKind.All, takesOthers: false);

    /// <summary>The built-in kinds, and any other whose name could be one: whoever computes it checks what it takes.</summary>
    public static ElementKinds Any { get; } = new(ElementKind.All, takesOthers: true);

    /// <summary>In the order of the documentation, added ones last.</summary>
    public IReadOnlyList<ElementKind> All { get; }

    /// <summary>Whether kinds that are not known are let pass.</summary>
    public bool TakesOthers { get; }

    /// <summary>The kind of a name, or null.</summary>
    public ElementKind? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>These and some more; one of a name that is there already is left out.</summary>
    public ElementKinds With(IEnumerable<ElementKind> added)
    {
        ArgumentNullException.ThrowIfNull(added);
        return new ElementKinds([.. All, .. added.Where(kind => Find(kind.Name) is null).DistinctBy(kind => kind.Name)], TakesOthers);
    }

    /// <summary>A refusal of a kind that is not known.</summary>
    internal string Unknown(string name) => Spelling.Unknown("layer", name, [.. All.Select(known => known.Name)]);
}
