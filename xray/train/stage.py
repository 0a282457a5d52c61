"""Training of one stage, by one process or by several that average their gradients."""

from __future__ import annotations

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR
from torch.utils.data import DataLoader, RandomSampler, Sampler, WeightedRandomSampler
from tqdm import tqdm

from xray.models.classifier import normalize
from xray.train.augment import Augmented, Films
from xray.train.distil import Student
from xray.train.guided import GuidedFilms, class_maps, guidance_loss
from xray.train.losses import drawing_weights, loss_of, mixup, weights_of
from xray.train.recipes.recipe import Recipe, Stage
from xray.train.run import Run


class StageTraining:
    """Network, films, optimizer and learning rate schedule of a stage.

    Args:
        recipe: The recipe.
        stage: The stage.
        run: The run, whose network and average are updated.
        films: Training films, uint8 (n, 1, S, S), and targets (n, K).
        accelerator: The accelerator.
        workers: Number of processes that prepare films.

    Attributes:
        size: Side of the films in px.
        optimizer: Optimizer of the trainable parameters.
        schedule: Learning rate schedule.
    """

    def __init__(
        self,
        recipe: Recipe,
        stage: Stage,
        run: Run,
        films: Films,
        accelerator: Accelerator,
        workers: int,
    ) -> None:
        self.recipe, self.stage, self.run, self.accelerator = recipe, stage, run, accelerator
        self.size = stage.size or recipe.input_size
        self.teacher = run.teacher if stage.teacher else None
        weights = weights_of(films.targets, recipe.activation, balanced=recipe.balanced)
        self.weights = weights.to(accelerator.device)
        films = films.at_size(self.size)
        # DistributedDataParallel waits for the gradient of every parameter that is trainable when it wraps
        for name, parameter in run.module.named_parameters():
            parameter.requires_grad_(not stage.trainable or name.startswith(stage.trainable))
        projector = self.teacher.projector if self.teacher else None
        target = recipe.target_layer
        student = Student(run.module, target, recipe.followed_at or target, projector)
        self.order = torch.Generator()
        guidance = recipe.guidance
        self.student, self.loader = accelerator.prepare(
            student,
            DataLoader(
                GuidedFilms(films, recipe, guidance) if guidance else Augmented(films, recipe),
                recipe.batch,
                sampler=self.sampler(films),
                drop_last=len(films.targets) > recipe.batch,
                num_workers=workers,
                generator=self.order,
            ),
        )
        learning = [parameter for parameter in student.parameters() if parameter.requires_grad]
        self.optimizer = AdamW(learning, stage.learning_rate, weight_decay=stage.weight_decay)
        steps = stage.epochs * len(self.loader)
        self.schedule = OneCycleLR(self.optimizer, stage.learning_rate, total_steps=steps, pct_start=0.15)

    def sampler(self, films: Films) -> Sampler[int]:
        """Draw every film once, or in a balanced training every group equally often, with replacement."""
        if not self.recipe.balanced:
            return RandomSampler(films.targets, generator=self.order)
        weights = drawing_weights(films.targets, films.groups, self.recipe.activation).tolist()
        return WeightedRandomSampler(weights, self.stage.films or len(weights), generator=self.order)

    def epoch(self, seed: int, title: str) -> float:
        """Train on the films that the sampler draws.

        Args:
            seed: Seed of the order of the films and of augmentation and mixup.
            title: Label of the progress bar.

        Returns:
            The mean loss over all processes.
        """
        processes = self.accelerator.num_processes
        self.order.manual_seed(seed)  # the same in all processes, which take turns in this order
        torch.manual_seed(seed * processes + self.accelerator.process_index)
        generator = np.random.default_rng(seed)
        self.student.train()
        for layer in self.run.module.modules():
            parameters = list(layer.parameters())
            if parameters and not any(parameter.requires_grad for parameter in parameters):
                layer.eval()  # batch normalization of a layer that is not trained
        losses = []
        hidden = not self.accelerator.is_main_process
        for batch, targets, *guided in tqdm(self.loader, desc=title, unit="batch", disable=hidden):
            if generator.random() < self.stage.mixup:
                batch, targets = mixup(batch, targets, float(generator.beta(0.3, 0.3)))
            losses.append(self.step(batch, targets, *guided))
        mean = torch.tensor(np.mean(losses), device=self.accelerator.device, dtype=torch.float32)
        return self.accelerator.reduce(mean, "mean").item()

    def step(
        self, batch: Tensor, targets: Tensor, regions: Tensor | None = None, guided: Tensor | None = None
    ) -> float:
        """Update the network and its average once; return the loss.

        Args:
            batch: Films (n, 1, S, S).
            targets: Targets (n, K).
            regions: Places of lesions (n, 1, S, S).
            guided: Findings (n, K) whose evidence lies in the region.
        """
        recipe, stage = self.recipe, self.stage
        with self.accelerator.autocast():
            films = normalize(batch, recipe.normalization)
            logits, maps, projected = self.student(films.contiguous(memory_format=torch.channels_last))
            logits = logits.float()
            loss = stage.labels * loss_of(
                logits, targets, recipe.activation, self.weights, recipe.label_smoothing
            )
            if recipe.guidance and recipe.guidance.weight and regions is not None and guided is not None:
                evidence = class_maps(self.run.module, maps.float())
                loss = loss + recipe.guidance.weight * guidance_loss(
                    evidence, regions, guided, recipe.activation
                )
            if self.teacher:
                loss = loss + stage.teacher * self.teacher.loss(batch, logits, projected)
        self.optimizer.zero_grad()
        self.accelerator.backward(loss)
        nn.utils.clip_grad_norm_(self.run.module.parameters(), 5.0)
        self.optimizer.step()
        self.schedule.step()
        self.run.average.update_parameters(self.run.module)
        return loss.item()
