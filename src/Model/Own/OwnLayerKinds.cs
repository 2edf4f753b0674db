using System.Text.RegularExpressions;
using Lcnn.Distributed.Networks;

namespace Lcnn.Distributed.Model.Own;

/// <summary>The kinds of layers that a program adds to the built-in ones.</summary>
public sealed partial class OwnLayerKinds
{
    private readonly Dictionary<string, OwnLayerKind> _byName = [];

    /// <summary>All that a program adds.</summary>
    /// <exception cref="ArgumentException">A name cannot be one, is a built-in kind's, or is there twice.</exception>
    public OwnLayerKinds(params IEnumerable<OwnLayerKind> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        foreach (var kind in kinds)
        {
            Check(kind);
            if (!_byName.TryAdd(kind.Name, kind))
            {
                throw new ArgumentException($"the operation '{kind.Name}' is added twice; leave out one, or give it another name", nameof(kinds));
            }
        }

        Elements = ElementKinds.BuiltIn.With(_byName.Values.Select(kind => new ElementKind(kind.Name, kind.Description, HasBody: false, kind.Arguments)));
    }

    /// <summary>None: the built-in kinds alone.</summary>
    public static OwnLayerKinds None { get; } = new();

    /// <summary>What descriptions may hold: the built-in kinds and these.</summary>
    public ElementKinds Elements { get; }

    /// <summary>Their names.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    internal OwnLayerKind? Find(string name) => _byName.GetValueOrDefault(name);

    private static void Check(OwnLayerKind kind)
    {
        if (!NetworkReader.IsName(kind.Name) || ElementKind.Find(kind.Name) is not null)
        {
            throw new ArgumentException($"expected a name for an operation of 1 to 64 letters, digits, '-', '_' and '.' that no built-in layer has, got '{kind.Name}'");
        }

        foreach (var argument in kind.Arguments.Where(argument => !WordPattern().IsMatch(argument.Name)))
        {
            throw new ArgumentException($"operation '{kind.Name}': expected names of arguments of letters, digits and '_', got '{argument.Name}'");
        }

        if (kind.Arguments.GroupBy(argument => argument.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"operation '{kind.Name}': the argument '{twice.Key}' is there twice");
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]{0,63}\z")]
    internal static partial Regex WordPattern();
}
