using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Lcnn.Distributed.Data.Checkpoints;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

public sealed class SnapshotTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public static TheoryData<string> Files => ["model.safetensors", "optimizer.safetensors", "state.json"];

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Write_ThenRead_GivesEverythingBack()
    {
        var content = Samples.Content(step: 40, generation: 3);

        var name = SnapshotWriter.Write(_root["new/run"], content);
        var snapshot = SnapshotReader.Read(_root[$"new/run/{name}"]);

        Assert.Matches(@"^step-40\.g3\.[0-9a-f]{8}$", name.ToString());
        Assert.Equal((40, 2, 3), (snapshot.Step, snapshot.Epoch, snapshot.Generation));
        Assert.Equal(WeightsHash.Compute(content.Model), snapshot.WeightsSha256);
        Assert.Equal(WeightsHash.Compute(content.Model), WeightsHash.Compute(snapshot.Model.Values));
        Assert.Equal(WeightsHash.Compute(content.Optimizer), WeightsHash.Compute(snapshot.Optimizer.Values));
        Assert.True(JsonNode.DeepEquals(content.Run, snapshot.Run));
        Assert.Equal([_root[$"new/run/{name}"]], Directory.GetFileSystemEntries(_root["new/run"]));
    }

    [Fact]
    public void Write_SameContentTwice_GivesTheSameBytesUnderTwoNames()
    {
        var first = SnapshotWriter.Write(_root.Path, Samples.Content(step: 1));
        var second = SnapshotWriter.Write(_root.Path, Samples.Content(step: 1));

        Assert.NotEqual(first, second);
        Assert.All(Files, file => Assert.Equal(
            File.ReadAllBytes(_root[$"{first}/{file.Data}"]), File.ReadAllBytes(_root[$"{second}/{file.Data}"])));
    }

    [Fact]
    public void Write_WithMetadata_StandsInBothFilesAndLeavesTheHashOfTheWeights()
    {
        var content = Samples.Content(step: 1) with { Metadata = new Dictionary<string, string> { ["format"] = "pt", ["step"] = "1" } };

        var folder = _root[SnapshotWriter.Write(_root.Path, content).ToString()];

        Assert.All(
            new[] { SnapshotFiles.Model, SnapshotFiles.Optimizer },
            file => Assert.Equal(content.Metadata, SafeTensorsFile.Read(Path.Combine(folder, file)).Metadata));
        Assert.Equal(WeightsHash.Compute(content.Model), SnapshotReader.Read(folder).WeightsSha256);
        Assert.Equal(WeightsHash.Compute(content.Model), WeightsHash.ComputeFile(Path.Combine(folder, SnapshotFiles.Model)));
    }

    [Fact]
    public void State_TakenApartByHand_EndsWithTheHashOfAllBeforeIt()
    {
        var name = SnapshotWriter.Write(_root.Path, Samples.Content(step: 1));

        var text = File.ReadAllText(_root[$"{name}/state.json"]);
        var body = text[..text.LastIndexOf(",\n  \"sha256\"", StringComparison.Ordinal)];
        var state = JsonNode.Parse(text)!;

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body))), (string?)state["sha256"]);
        Assert.Equal("sha256", state.AsObject().Last().Key);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(_root[$"{name}/model.safetensors"]))),
            (string?)state["files"]!["model.safetensors"]!["sha256"]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_AnyByteFlipped_NamesTheFile(string file)
    {
        var folder = _root[SnapshotWriter.Write(_root.Path, Samples.Content(step: 1)).ToString()];
        var path = Path.Combine(folder, file);
        var original = File.ReadAllBytes(path);

        for (var at = 0; at < original.Length; at++)
        {
            var bytes = (byte[])original.Clone();
            bytes[at] ^= (byte)(1 << (at % 8));
            AssertRefused(folder, path, bytes);
            bytes[at] = (byte)(original[at] ^ 0x20); // letter case
            AssertRefused(folder, path, bytes);
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_AnyLengthButItsOwn_NamesTheFile(string file)
    {
        var folder = _root[SnapshotWriter.Write(_root.Path, Samples.Content(step: 1)).ToString()];
        var path = Path.Combine(folder, file);
        var original = File.ReadAllBytes(path);

        for (var length = 0; length < original.Length; length++)
        {
            AssertRefused(folder, path, original[..length]);
        }

        AssertRefused(folder, path, [.. original, (byte)'\n']);
        File.Delete(path);
        Assert.Equal(path, Assert.Throws<CheckpointException>(() => SnapshotReader.Read(folder)).File);
    }

    [Theory]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2", "another schema version")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 1,\"schemaVersion\": 1", "not the state")]
    [InlineData("\"step\": 1", "\"step\": 1.5", "not the state")]
    [InlineData("\"step\": 1", "\"stop\": 1", "not the state")]
    [InlineData("\"epoch\": 2", "\"epoch\": 99999999999", "not the state")]
    [InlineData("\"run\": {", "\"run\": null, \"walk\": {", "not the state")]
    [InlineData("\"run\": {", "\"run\": [], \"walk\": {", "not the state")]
    [InlineData("\"files\": {", "\"files\": null, \"tiles\": {", "not the state")]
    [InlineData("\"weightsSha256\": \"", "\"weightsSha256\": null, \"x\": \"", "not the state")]
    [InlineData("\"weightsSha256\": \"", "\"weightsSha256\": \"\\ud800", "not the state")]
    [InlineData("\"weightsSha256\": \"", "\"weightsSha256\": \"0", "weightsSha256 is not that of the model")]
    [InlineData("\"step\": 1", "\"step\": 2", "the folder was renamed")]
    public void Read_StateChangedUnderItsOwnRightHash_IsRefused(string before, string after, string reason)
    {
        var folder = _root[SnapshotWriter.Write(_root.Path, Samples.Content(step: 1)).ToString()];
        var path = Path.Combine(folder, "state.json");
        var text = File.ReadAllText(path);
        var body = text[..text.LastIndexOf(",\n  \"sha256\"", StringComparison.Ordinal)].Replace(before, after, StringComparison.Ordinal);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));
        File.WriteAllText(path, $"{body},\n  \"sha256\": \"{hash}\"\n}}\n");

        var problem = Assert.Throws<CheckpointException>(() => SnapshotReader.Read(folder));

        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FileOfAnotherSnapshot_NamesTheFile()
    {
        var first = SnapshotWriter.Write(_root.Path, Samples.Content(step: 1));
        var second = SnapshotWriter.Write(_root.Path, Samples.Content(step: 1, weight: 2));
        File.Copy(_root[$"{first}/model.safetensors"], _root[$"{second}/model.safetensors"], overwrite: true);

        var problem = Assert.Throws<CheckpointException>(() => SnapshotReader.Read(_root[second.ToString()]));

        Assert.Equal(_root[$"{second}/model.safetensors"], problem.File);
    }

    [Fact]
    public void Write_RunThatIsTooDeepOrNotANumber_LeavesNothingBehind()
    {
        JsonNode deep = new JsonObject();
        for (var i = 0; i < 70; i++)
        {
            deep = new JsonObject { ["a"] = deep };
        }

        Assert.ThrowsAny<Exception>(() => SnapshotWriter.Write(_root.Path, Samples.Content(1) with { Run = deep.AsObject() }));
        Assert.ThrowsAny<Exception>(() => SnapshotWriter.Write(_root.Path, Samples.Content(1) with { Run = new() { ["a"] = double.NaN } }));
        Assert.Empty(Directory.GetFileSystemEntries(_root.Path));
    }

    [Fact]
    public void Write_RunAsDeepAsPromised_IsReadBack()
    {
        JsonNode deep = new JsonObject();
        for (var i = 1; i < 60; i++)
        {
            deep = new JsonObject { ["a"] = deep };
        }

        var name = SnapshotWriter.Write(_root.Path, Samples.Content(1) with { Run = deep.AsObject() });

        Assert.True(JsonNode.DeepEquals(deep, SnapshotReader.Read(_root[name.ToString()]).Run));
    }

    [Theory]
    [InlineData("step-1.g1")]
    [InlineData("step-01.g1.00000000")]
    [InlineData("step-1.g1.0000000G")]
    [InlineData("step-1.g1.00000000\n")]
    [InlineData("../step-1.g1.00000000")]
    [InlineData("step-99999999999999999999.g1.00000000")]
    [InlineData("step-1.g99999999999.00000000")]
    [InlineData("")]
    [InlineData(null)]
    public void SnapshotName_OfAnotherForm_IsNotParsed(string? text) => Assert.False(SnapshotName.TryParse(text, out _));

    private static void AssertRefused(string folder, string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        Assert.Equal(path, Assert.Throws<CheckpointException>(() => SnapshotReader.Read(folder)).File);
    }
}
