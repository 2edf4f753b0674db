using System.Text.Json;

namespace Lcnn.Distributed.UnitTests.Cli;

public sealed class BadArgumentTests
{
    [Theory]
    [InlineData("--dataset digit", "--dataset: unknown data set 'digit'", "did you mean 'digits'?")]
    [InlineData("--dataset imagenet", "--dataset: unknown data set 'imagenet'", "expected one of digits, mnist")]
    [InlineData("--arch resnet8-lcn", "--arch: unknown architecture 'resnet8-lcn'", "did you mean 'resnet8-lcnn'?")]
    [InlineData("--preset papr", "--preset: unknown preset 'papr'", "did you mean 'paper'?")]
    [InlineData("--loss curvatur", "--loss: unknown loss 'curvatur'", "did you mean 'curvature'?")]
    [InlineData("--schedule cosin", "--schedule: unknown schedule 'cosin'", "did you mean 'cosine'?")]
    [InlineData("--spectral-grid tru", "--spectral-grid: unknown spectral grid 'tru'", "did you mean 'true'?")]
    [InlineData("--arch resnet8 --loss curvature", "--loss: 'curvature' needs the learnable betas", "resnet8-lcnn")]
    [InlineData("--epochs 0", "--epochs: expected at least 1, got 0")]
    [InlineData("--mlflow ftp://me:secret@host", "--mlflow: expected the address of an MLflow server such as http://localhost:5000")]
    [InlineData("--tensorboard", "--tensorboard: expected a value")]
    [InlineData("--cluster localhost --detach --tensorboard tb", "--tensorboard: needs somebody who follows the run")]
    [InlineData("--epochs three", "--epochs: expected a whole number, got 'three'")]
    [InlineData("--epochs 2.5", "--epochs: expected a whole number, got '2.5'")]
    [InlineData("--epochs 99999999999", "--epochs: expected a whole number from -2147483648 to 2147483647, got 99999999999")]
    [InlineData("--epochs", "--epochs: expected a value")]
    [InlineData("--epochs 1 --epochs 2", "--epochs: expected one value, got 2: 1, 2")]
    [InlineData("--batch-size 0", "--batch-size: expected at least 4")]
    [InlineData("--batch-size 15 --shards 8", "--batch-size: expected at least 16 (two samples for each of 8 shards), got 15")]
    [InlineData("--shards 3", "--shards: expected a power of two from 1 to 1024, got 3")]
    [InlineData("--shards 2048", "--shards: expected a power of two from 1 to 1024, got 2048")]
    [InlineData("--workers 0", "--workers: expected at least 1, got 0")]
    [InlineData("--workers 4 --shards 2", "--workers: expected at most one worker per logical shard (2), got 4")]
    [InlineData("--workers 5000 --batch-size 4096", "--workers: expected at most one worker per logical shard (1024), got 5000")]
    [InlineData("--threads 0", "--threads: expected at least 1, got 0")]
    [InlineData("--threads -2", "--threads: expected at least 1, got -2")]
    [InlineData("--seed 1e-3", "--seed: expected a whole number, got '1e-3'")]
    [InlineData("--seed \uff13", "--seed: expected a whole number, got '\uff13'")]
    [InlineData("--seed 1e20", "--seed: expected a whole number from -9223372036854775808 to 9223372036854775807, got 1e20")]
    [InlineData("--lr \u0663", "--lr: expected a number such as 0.1 or 5e-4, got '\u0663'")]
    [InlineData("--weight-decay -1e-5", "--weight-decay: expected a number from 0 up to 1000, got -1e-5")]
    [InlineData("--seed 9223372036854775808", "--seed: expected a whole number from -9223372036854775808")]
    [InlineData("--lr NaN", "--lr: expected a number above 0 up to 1000, got NaN")]
    [InlineData("--lr 0", "--lr: expected a number above 0 up to 1000, got 0")]
    [InlineData("--lr -0.1", "--lr: expected a number above 0 up to 1000, got -0.1")]
    [InlineData("--lr Infinity", "--lr: expected a number above 0 up to 1000, got Infinity")]
    [InlineData("--lr 0,1", "--lr: expected a number such as 0.1 or 5e-4, got '0,1'")]
    [InlineData("--momentum 1", "--momentum: expected a number from 0 up to 0.9999, got 1")]
    [InlineData("--weight-decay -1", "--weight-decay: expected a number from 0 up to 1000, got -1")]
    [InlineData("--beta-weight NaN", "--beta-weight: expected a number from 0")]
    [InlineData("--gamma-weight nan", "--gamma-weight: expected a number from 0")]
    [InlineData("--gradnorm-weight -1", "--gradnorm-weight: expected a number from 0")]
    [InlineData("--method lcn", "--method: unknown method 'lcn', expected")]
    [InlineData("--attack fgsm", "--attack: unknown attack 'fgsm', expected")]
    [InlineData("--attack-radius 0", "--attack-radius: expected a number above 0")]
    [InlineData("--attack-steps 1001", "--attack-steps: expected a number from 0 up to 1000, got 1001")]
    [InlineData("--eval-attacks cw", "--eval-attacks: expected fgsm, pgd, pgd-authors, apgd-ce, apgd-t, fab-t, square, autoattack, got 'cw'")]
    [InlineData("--eval-attacks", "--eval-attacks: expected a value")]
    [InlineData("--eval-attacks pgd,pgd", "--eval-attacks: expected each attack once")]
    [InlineData("--eval-attacks pgd --eval-norm linf --certify", "--eval-norm: certified radii are l2")]
    [InlineData("--eval-norm linf", "--eval-norm: needs --eval-attacks")]
    [InlineData("--certify --eval-epsilons 0.2,0.1", "--eval-epsilons: expected numbers above 0, each larger than the one before")]
    [InlineData("--eval-noise x", "--eval-noise: expected numbers between commas")]
    [InlineData("--eval-samples 5", "--eval-samples: needs --eval-attacks, --certify or --eval-noise")]
    [InlineData("--attack-step-size -1", "--attack-step-size: expected a number from 0")]
    [InlineData("--train-limit -1", "--train-limit: expected at least 0, got -1")]
    [InlineData("--train-limit 3", "--train-limit: expected 0 (all) or at least 4")]
    [InlineData("--curvature-samples -1", "--curvature-samples: expected at least 0, got -1")]
    [InlineData("--augment --no-augment", "--augment: contradicts --no-augment")]
    [InlineData("--data-dir nowhere", "--data-dir: the folder '", "nowhere' does not exist")]
    [InlineData("--data-dir full/notes.txt", "--data-dir: expected a folder, '", "is a file")]
    [InlineData("--out full", "--out: the folder '", "is not empty; go on from its latest snapshot with --resume or replace its run with --overwrite")]
    [InlineData("--out full/notes.txt", "--out: expected a folder, '", "notes.txt' is a file")]
    [InlineData("--out full/notes.txt/deeper", "--out: expected a folder, '", "notes.txt' is a file")]
    [InlineData("--out /proc/lcnn", "--out: cannot write to '/proc/lcnn'")]
    [InlineData("--out", "--out: expected a value")]
    [InlineData("--resume", "--resume: expected --out with the folder of the run to go on")]
    [InlineData("--resume nowhere", "--resume: the folder '", "nowhere' does not exist")]
    [InlineData("--resume --out empty", "--resume: the folder '", "empty' holds no snapshot")]
    [InlineData("--resume --overwrite --out full", "--overwrite: would remove the snapshot to go on from")]
    [InlineData("--transport telepathy", "--transport: unknown transport 'telepathy', expected one of auto, memory, stream, grain")]
    [InlineData("--snapshot-every -1", "--snapshot-every: expected at least 0, got -1")]
    [InlineData("--keep 1", "--keep: expected at least 2, got 1")]
    [InlineData("--local-silos 0", "--local-silos: expected a whole number from 1 to 64, got 0")]
    [InlineData("--local-silos 65", "--local-silos: expected a whole number from 1 to 64, got 65")]
    [InlineData("--local-silos two", "--local-silos: expected a whole number, got 'two'")]
    [InlineData("--local-silos 2 --cluster localhost", "--local-silos: starts a cluster of its own")]
    [InlineData("--local-silos 2 --detach", "--detach: needs --cluster")]
    [InlineData("--detach", "--detach: needs --cluster")]
    [InlineData("--cluster http://host", "--cluster: the part before '://' is not 'redis', 'rediss' or 'lcnn'")]
    [InlineData("--cluster host --data-dir nowhere --out full", "--cluster: its beginning is missing, such as 'redis://'; without Redis a cluster is on this machine only")]
    [InlineData("--cluster localhost --overwrite", "--overwrite: removes files on this machine only")]
    [InlineData("--cluster localhost --resume", "--resume: expected --out with the folder of the run to go on")]
    [InlineData("--cluster localhost --out", "--out: expected a value")]
    [InlineData("--epoch 3", "--epoch: unknown option; did you mean '--epochs'?")]
    [InlineData("--bogus=3", "--bogus: unknown option")]
    [InlineData("stray", "stray: unexpected argument")]
    public async Task Train_BadArgument_IsNamedAndNothingStarts(string line, params string[] expected)
    {
        using var cli = new CliHarness();
        cli.FolderWithFile("full");
        Directory.CreateDirectory(Path.Combine(cli.Folder, "empty"));

        var exitCode = await cli.RunLineAsync($"train {line}");

        Assert.Equal(2, exitCode);
        Assert.Equal(2, cli.ErrorLines.Count); // the problem, and where to read on
        Assert.StartsWith($"error: {expected[0]}", cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.All(expected, part => Assert.Contains(part, cli.ErrorLines[0], StringComparison.Ordinal));
        Assert.Empty(cli.Output);
        Assert.Null(cli.Host.Spec);
        Assert.False(Directory.Exists(Path.Combine(cli.Folder, "runs")));
    }

    [Fact]
    public async Task Train_ManyBadArguments_AreAllNamedAtOnce()
    {
        using var cli = new CliHarness();

        var exitCode = await cli.RunLineAsync(
            "train --dataset digit --epochs x --lr NaN --shards 3 --data-dir nowhere --batchsize 4 --momentum --threads 0 --resume nowhere");

        Assert.Equal(2, exitCode);
        string[] named = ["--dataset", "--epochs", "--lr", "--shards", "--data-dir", "--batchsize", "--momentum", "--threads", "--resume"];
        Assert.Equal(named.Order(), cli.ErrorLines.SkipLast(1).Select(line => line.Split(": ")[1]).Order());
    }

    [Fact]
    public async Task Train_BadArgumentsWithJson_EmitsOneFailedEventThatNamesThem()
    {
        using var cli = new CliHarness();

        var exitCode = await cli.RunLineAsync("train --epochs 0 --lr NaN --out --json");

        Assert.Equal(2, exitCode);
        using var failed = JsonDocument.Parse(Assert.Single(cli.OutputLines));
        Assert.Equal("failed", failed.RootElement.GetProperty("event").GetString());
        Assert.Equal(1, failed.RootElement.GetProperty("schema").GetInt32());
        Assert.True(failed.RootElement.GetProperty("badInput").GetBoolean());
        var error = failed.RootElement.GetProperty("error").GetString()!;
        Assert.Equal(["--out", "--epochs", "--lr"], error.Split('\n').Select(line => line.Split(':')[0]));
        Assert.Equal(4, cli.ErrorLines.Count);
    }

    [Theory]
    [InlineData("", "error: lcnn: expected one of the commands train, silo, runs, watch, cancel, fetch, silos, sweep, compare, report, eval, predict, import, export, demo, doctor, datasets, data, arch, ca, bench", "lcnn --help")]
    [InlineData("trian", "error: trian: unknown command; did you mean 'train'?", "lcnn --help")]
    [InlineData("trian --epochs 3", "error: trian: unknown command; did you mean 'train'?", "lcnn --help")]
    [InlineData("--epochs", "error: --epochs: unknown option", "lcnn --help")]
    [InlineData("demo", "error: demo: expected one of the commands two-moons", "lcnn demo --help")]
    [InlineData("data", "error: data: expected one of the commands pack, info, view", "lcnn data --help")]
    [InlineData("data pack --out my.lcds", "error: SOURCE: expected a value", "lcnn data pack --help")]
    [InlineData("data pack digits", "error: --out: expected a file to write, such as my.lcds", "lcnn data pack --help")]
    [InlineData("data pack digits --out my.png", "error: --out: expected a file that ends in .lcds, got 'my.png'", "lcnn data pack --help")]
    [InlineData("data pack digits --out nowhere/my.lcds", "error: --out: the folder '", "lcnn data pack --help")]
    [InlineData("data pack ./photos --out my.lcds --image-size 5", "error: --image-size: expected height and width from 1 to 4096 such as 32x32, got '5'", "lcnn data pack --help")]
    [InlineData("data pack digits --out my.lcds --grayscale", "error: --grayscale: is for images of your own", "lcnn data pack --help")]
    [InlineData("data info digit", "error: DATASET: unknown data set 'digit', expected one of digits, mnist", "lcnn data info --help")]
    [InlineData("data view digits --out d.png --per-class 33", "error: --per-class: expected at most 32, got 33", "lcnn data view --help")]
    [InlineData("bench", "error: bench: expected one of the commands step, allreduce", "lcnn bench --help")]
    [InlineData("bench stepp", "error: stepp: unknown command; did you mean 'step'?", "lcnn bench --help")]
    [InlineData("bench allreduce --ranks 1", "error: --ranks: expected at least 2, got 1", "lcnn bench allreduce --help")]
    [InlineData("bench allreduce --megabytes 1,x", "error: --megabytes: expected positive numbers such as 1,8,45, got '1,x'", "lcnn bench allreduce --help")]
    [InlineData("bench allreduce --transport pigeon", "error: --transport: expected memory, stream, grain, got 'pigeon'", "lcnn bench allreduce --help")]
    [InlineData("bench step --rounds 0", "error: --rounds: expected at least 1, got 0", "lcnn bench step --help")]
    [InlineData("bench step --arch resnet8,resnet18", "error: --arch: expected one of resnet8, resnet18, resnet34, got 'resnet8,resnet18'", "lcnn bench step --help")]
    [InlineData("bench scaling --batch-norm globl", "error: --batch-norm: expected one of global, shard, got 'globl'", "lcnn bench scaling --help")]
    [InlineData("bench step --device cuda:x", "error: --device: expected cpu, or a GPU as cuda:0, got 'cuda:x'", "lcnn bench step --help")]
    [InlineData("bench step --batch-size 4", "error: --batch-size: expected at least 16, got 4", "lcnn bench step --help")]
    [InlineData("eval", "error: SNAPSHOT: expected a value", "lcnn eval --help")]
    [InlineData("eval nowhere", "error: SNAPSHOT: '", "lcnn eval --help")]
    [InlineData("import nowhere --out x", "error: FILE: '", "lcnn import --help")]
    [InlineData("import . ", "error: --out: expected a path to write to", "lcnn import --help")]
    [InlineData("import . --out x --image 3x32", "error: --image: expected channels, height and width", "lcnn import --help")]
    [InlineData("import . --out x --arch resnet19", "error: --arch: unknown network 'resnet19'", "lcnn import --help")]
    [InlineData("import . --out x --dataset cifar11", "error: --dataset: expected one of", "lcnn import --help")]
    [InlineData("export . --out x --format onnx", "error: --format: expected one of authors, folded, got 'onnx'", "lcnn export --help")]
    [InlineData("export .", "error: --out: expected", "lcnn export --help")]
    [InlineData("doctor now", "error: now: unexpected argument", "lcnn doctor --help")]
    [InlineData("datasets --data-dir nowhere", "error: --data-dir: the folder '", "lcnn datasets --help")]
    public async Task OtherCommands_BadArgument_IsNamedWithTheHelpToRead(string line, string expected, string help)
    {
        using var cli = new CliHarness();

        Assert.Equal(2, await cli.RunLineAsync(line));

        Assert.Equal(2, cli.ErrorLines.Count);
        Assert.StartsWith(expected, cli.ErrorLines[0], StringComparison.Ordinal);
        Assert.Contains($"'{help}'", cli.ErrorLines[1], StringComparison.Ordinal);
    }
}
