using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Lcnn.Distributed.UnitTests.Architecture;

/// <summary>The arrows between projects, as the design draws them: what each never knows.</summary>
public sealed class ProjectTests
{
    private const string AspNet = "Microsoft.AspNetCore";
    private const string CommandLine = "System.CommandLine";
    private const string Console = "Spectre.Console";
    private const string Http = "System.Net.Http";
    private const string Orleans = "Orleans";
    private const string Redis = "StackExchange.Redis";
    private const string Sockets = "System.Net.Sockets";
    private const string Torch = "TorchSharp";

    [Theory]
    [InlineData("Contracts", Torch, AspNet, Redis, Sockets, Http, CommandLine, Console)]
    [InlineData("Data", Torch, Orleans, AspNet, Redis, CommandLine, Console)]
    [InlineData("Model", Orleans, Sockets, Http, AspNet, Redis, CommandLine, Console)]
    [InlineData("Grains", Torch, AspNet, Http, Redis, CommandLine, Console)]
    [InlineData("Silo", Torch, CommandLine, Console)]
    [InlineData("Client", Torch, AspNet, CommandLine, Console)]
    [InlineData("Cli", Torch, Redis)]
    public void Project_OfTheHouse_DoesNotKnowTheLibrary(string project, params string[] libraries)
    {
        foreach (var library in libraries)
        {
            Types().That().ResideInAssembly(House.Projects[project])
                .Should().NotDependOnAny(Library(library))
                .Because($"{project} never knows {library}")
                .Check(House.Loaded);
        }
    }

    [Theory]
    [InlineData("Contracts", "Data", "Model", "Grains", "Silo", "Client", "Cli")]
    [InlineData("Data", "Contracts", "Model", "Grains", "Silo", "Client", "Cli")]
    [InlineData("Model", "Contracts", "Grains", "Silo", "Client", "Cli")]
    [InlineData("Grains", "Silo", "Client", "Cli")]
    [InlineData("Silo", "Cli")]
    [InlineData("Client", "Model", "Grains", "Silo", "Cli")]
    public void Project_OfTheHouse_DoesNotKnowTheOther(string project, params string[] others)
    {
        foreach (var other in others)
        {
            Types().That().ResideInAssembly(House.Projects[project])
                .Should().NotDependOnAny(Types().That().ResideInAssembly(House.Projects[other]))
                .Because($"{project} lies below {other}, or beside it")
                .Check(House.Loaded);
        }
    }

    [Theory]
    [InlineData("Training")]
    [InlineData("Losses")]
    [InlineData("Layers")]
    [InlineData("Networks")]
    public void Silo_OfTheHouse_DoesNotKnowHowAStepIsComputed(string folder)
    {
        Assert.Contains($"Model/{folder}", House.FoldersOf("Model"));

        Types().That().ResideInAssembly(House.Projects["Silo"])
            .Should().NotDependOnAny(Types().That().ResideInNamespace($"Lcnn.Distributed.Model.{folder}"))
            .Check(House.Loaded);
    }

    [Fact]
    public void Cli_OfTheHouse_DoesNotKnowTheGrains() =>
        Types().That().ResideInAssembly(House.Projects["Cli"])
            .Should().NotDependOnAny(Classes().That().ResideInAssembly(House.Projects["Grains"]).And().AreAssignableTo(typeof(Grain)))
            .Check(House.Loaded);

    // A rule about types that nobody finds would hold for ever.
    [Theory]
    [InlineData(Torch, "Model")]
    [InlineData(Orleans, "Grains")]
    [InlineData(Sockets, "Grains")]
    [InlineData(Http, "Data")]
    [InlineData(Redis, "Silo")]
    [InlineData(CommandLine, "Cli")]
    [InlineData(Console, "Cli")]
    public void Library_OfTheRules_IsFoundWhereItIsUsed(string library, string project) =>
        Assert.False(Types().That().ResideInAssembly(House.Projects[project]).Should().NotDependOnAny(Library(library)).HasNoViolations(House.Loaded));

    [Fact]
    public void Grains_OfTheRules_AreFound() =>
        Assert.Contains(Classes().That().ResideInAssembly(House.Projects["Grains"]).And().AreAssignableTo(typeof(Grain)).GetObjects(House.Loaded), grain => grain.Name == "RunCoordinatorGrain");

    private static GivenTypesConjunction Library(string root) => Types(includeReferenced: true).That().ResideInNamespaceOrBelow(root);
}
