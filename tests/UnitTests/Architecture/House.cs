using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using Lcnn.Distributed.Cli;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Grains.Hosting;
using Lcnn.Distributed.Model.Networks;
using Lcnn.Distributed.Silo;
using Assembly = System.Reflection.Assembly;
using Type = System.Type;

namespace Lcnn.Distributed.UnitTests.Architecture;

/// <summary>The compiled projects and who uses whom in them; loaded once, for it takes seconds.</summary>
/// <remarks>It is the compiled code that is read: a constant leaves no trace of where it came from.</remarks>
internal static class House
{
    private const string Root = "Lcnn.Distributed.";

    /// <summary>The assembly of each project, by the name of its folder in <c>src</c>.</summary>
    public static IReadOnlyDictionary<string, Assembly> Projects { get; } = new Dictionary<string, Assembly>
    {
        ["Contracts"] = typeof(RunSpec).Assembly,
        ["Data"] = typeof(DataSetCatalog).Assembly,
        ["Model"] = typeof(Network).Assembly,
        ["Grains"] = typeof(GrainsServices).Assembly,
        ["Silo"] = typeof(SiloHostExtensions).Assembly,
        ["Client"] = typeof(LcnnClient).Assembly,
        ["Cli"] = typeof(CommandLine).Assembly,
    };

    private static readonly Lazy<ArchUnitNET.Domain.Architecture> _loaded = new(() => new ArchLoader().LoadAssemblies([.. Projects.Values]).Build());
    private static readonly Lazy<ILookup<(string From, string To), string>> _uses = new(FindUses);

    /// <summary>All types of all projects, and what they depend on.</summary>
    public static ArchUnitNET.Domain.Architecture Loaded => _loaded.Value;

    /// <summary>The folders of a project that hold code, from <c>src</c> on, the project's own included.</summary>
    public static IReadOnlyList<string> FoldersOf(string project) =>
        [.. Projects[project].GetTypes().Select(Folder).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Which types of a folder use which of another: "A uses B".</summary>
    public static IReadOnlyList<string> Uses(string from, string to) => [.. _uses.Value[(from, to)].Distinct().Order(StringComparer.Ordinal)];

    private static string? Folder(Type type) => Folder(type.Namespace);

    // What the serializer's generator adds has namespaces of its own.
    private static string? Folder(string? @namespace) =>
        @namespace?.StartsWith(Root, StringComparison.Ordinal) == true ? @namespace[Root.Length..].Replace('.', '/') : null;

    private static ILookup<(string From, string To), string> FindUses() =>
        (from type in Loaded.Types
         from dependency in type.Dependencies
         let folders = (From: Folder(type.Namespace?.FullName), To: Folder(dependency.Target.Namespace?.FullName))
         where folders.From is not null && folders.To is not null && folders.From != folders.To
         select (Folders: (folders.From!, folders.To!), Use: $"{Outermost(type)} uses {Outermost(dependency.Target)}"))
        .ToLookup(use => use.Folders, use => use.Use);

    private static string Outermost(IType type) => type.FullName[((type.Namespace?.FullName.Length ?? -1) + 1)..].Split('+', '/', '`')[0];
}
