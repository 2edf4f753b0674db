using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Client;
using Lcnn.Distributed.Client.Files;
using Lcnn.Distributed.Client.Sweeps;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Catalog;
using Lcnn.Distributed.Data.Checkpoints;
using Lcnn.Distributed.Data.Files;
using Lcnn.Distributed.Data.Named;
using Lcnn.Distributed.Grains.Workers;
using Lcnn.Distributed.UnitTests.Checkpoints;

namespace Lcnn.Distributed.UnitTests.BadInput;

/// <summary>Whatever is given to a parser, it takes it or refuses it in its own words; nothing else comes out.</summary>
public sealed class ParserTests
{
    private static readonly Dictionary<string, (Action<string> Read, Type? Refusal)> _parsers = new()
    {
        ["sweep file"] = (text => SweepFile.Parse(text), typeof(InvalidSweepException)),
        ["sweep file in JSON"] = (text => SweepFile.Parse(text, "sweep.json"), typeof(InvalidSweepException)),
        ["plain scalars of a sweep file"] = (InEveryPlace, typeof(InvalidSweepException)),
        ["quoted scalars of a sweep file"] = (text => InEveryPlace($"\"{text}\""), typeof(InvalidSweepException)),
        ["scalars of a sweep file in JSON"] = (text => SweepFile.Parse(
            $$$"""{"name":{{{Json(text)}}},"base":{"dataset":{{{Json(text)}}},"dataDir":{{{Json(text)}}},"seed":{{{Json(text)}}}},"maxDuration":{{{Json(text)}}},"out":{{{Json(text)}}},{{{Json(text)}}}:1}""",
            "sweep.json"), typeof(InvalidSweepException)),
        ["cluster address"] = (text => ClusterAddress.Parse(text), typeof(FormatException)),
        ["fault"] = (text => InjectedFault.TryParse(text), null),
        ["number"] = (text => DecimalNumber.TryParse(text, out _), null),
        ["time"] = (text => DurationText.TryParse(text, out _), null),
        ["home folder"] = (text => HomeFolder.Expand(text), null),
        ["name of a snapshot"] = (text => SnapshotName.TryParse(text, out _), null),
        ["options of a run"] = (text => RunSpecOptions.All.ToList().ForEach(option => option.Convert(text)), null),
        ["spec of a run"] = (text => new RunSpec
        {
            Dataset = text,
            Architecture = text,
            Preset = text,
            Loss = text,
            Schedule = text,
            SpectralGrid = text,
            Transport = text,
            DataDirectory = text,
            OutputDirectory = text,
            ResumeFrom = text,
        }.Validate(), null),
        ["spec of a sweep"] = (text => new SweepSpec
        {
            Name = text,
            OutputDirectory = text,
            BaseOptions = [text],
            Goals = [new GoalSpec(text, true)],
            Sampler = new SamplerSpec { Kind = text },
            Scheduler = new SchedulerSpec { Kind = text },
            Parameters = [ParameterSpec.OneOf(text, text), ParameterSpec.OneOf("arch", text) with { When = [new ParameterCondition(text, [text])] }],
        }.Validate(), null),
        ["metadata of a model"] = (text => ReadMetadata(new Dictionary<string, string> { ["step"] = text, ["architecture"] = text, ["spec"] = text }), null),
        ["spec of a snapshot"] = (text => SnapshotEntries.ReadSpec(new JsonObject { ["spec"] = new JsonObject { ["dataset"] = text, ["epochs"] = text, ["seed"] = text } }), null),
        ["events"] = (text => RunEventJson.Deserialize(text), typeof(JsonException)),
        ["safetensors header"] = (text => Samples.Read(Samples.Raw(text)), typeof(CheckpointException)),
        ["safetensors names"] = (text => Samples.Read(Samples.Raw($$$"""{{{{Json(text)}}}:{"dtype":{{{Json(text)}}},"shape":[0],"data_offsets":[0,0]}}""")), typeof(CheckpointException)),
        ["state of a snapshot"] = (text => SnapshotState.Parse(Encoding.UTF8.GetBytes(text), "state.json"), typeof(CheckpointException)),
        ["digits"] = (text => DigitsReader.Read(Stream(text)), typeof(DataFileException)),
        ["IDX"] = (text => IdxReader.Read(Stream(text), Stream(text), DataSetCatalog.Find("mnist")), typeof(DataFileException)),
        ["data set"] = (text => DataSetCatalog.Find(text), typeof(ArgumentException)),
    };

    public static TheoryData<string> Parsers => [.. _parsers.Keys];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Parse_NastyTexts_AreTakenOrRefusedInItsOwnWords(string parser)
    {
        var (read, refusal) = _parsers[parser];

        foreach (var text in NastyTexts.All)
        {
            var problem = Record.Exception(() => read(text));

            var said = problem?.Message ?? "";
            Assert.True(
                problem is null || problem.GetType() == refusal || (problem is JsonException && refusal == typeof(JsonException)),
                $"{parser}: {problem?.GetType().Name} on {JsonSerializer.Serialize(text.Length > 60 ? text[..60] : text)}: {said}");
            Assert.False(said.Contains("Exception", StringComparison.Ordinal) || said.Contains("(Parameter", StringComparison.Ordinal) && refusal != typeof(ArgumentException), said);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Parse_MutatedSweepFiles_AreReadOrRefusedWithTheirPlace(int seed)
    {
        const string text = """
            name: "a \u00e9"
            base: {preset: paper, epochs: 9, lr: 1.0e-4}
            parameters:
              loss: {values: [curvature, gradnorm]}
              betaWeight: {logRange: [1.0e-4, 1], count: 5, when: {loss: curvature}}
              momentum: {range: [0, 0.9], step: 0.3}
            sampler: {kind: tpe, seed: 0x5}
            maxTrials: 7
            maxTrialDuration: 90s
            """;
        var random = new Random(seed);
        var original = Encoding.UTF8.GetBytes(text);
        var (read, refused) = (0, 0);

        for (var i = 0; i < (TestTier.IsLong ? 20_000 : 1500); i++)
        {
            var mutated = Encoding.UTF8.GetString(Mutation.Of(original, random));
            try
            {
                SweepFile.Parse(mutated);
                read++;
            }
            catch (InvalidSweepException problem)
            {
                refused++;
                Assert.All(problem.Problems, found => Assert.True(found.Line >= 1 && found.Column >= 1, $"{found}"));
            }
            catch (Exception problem)
            {
                Assert.Fail($"case {i} of seed {seed}: {problem.GetType().Name}: {problem.Message} on\n{mutated}");
            }
        }

        Assert.True(read > 10 && refused > 10, $"{read} read, {refused} refused");
    }

    private static void InEveryPlace(string text) => SweepFile.Parse($$$"""
        name: {{{text}}}
        base: {dataset: {{{text}}}, epochs: {{{text}}}, lr: {{{text}}}, augment: {{{text}}}, dataDir: {{{text}}}}
        parameters:
          {{{text}}}: {values: [{{{text}}}]}
          lr: {range: [{{{text}}}, 1], step: {{{text}}}, count: {{{text}}}, log: {{{text}}}, when: {arch: {{{text}}}}}
        sampler: {kind: {{{text}}}, seed: {{{text}}}}
        goal: {maximize: {{{text}}}}
        maxTrials: {{{text}}}
        maxDuration: {{{text}}}
        out: {{{text}}}
        """);

    private static void ReadMetadata(Dictionary<string, string> metadata)
    {
        ModelMetadata.ReadSpec(metadata);
        ModelMetadata.ReadStep(metadata);
        ModelMetadata.ReadArchitecture(metadata);
    }

    private static DataFileStream Stream(string text) => new("file", new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static string Json(string text) => JsonSerializer.Serialize(text);
}
